;; Somebody else's module: all that it shares with simdloss is the memory.
(module
  (import "env" "memory" (memory 1 65536 shared))

  ;; to[i] += scale · from[i] for i < n; addresses are bytes, n (at least 1) is elements
  (func (export "axpy") (param $to i32) (param $from i32) (param $scale f32) (param $n i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $to) (i32.shl (local.get $n) (i32.const 2))))
    (loop $next
      (f32.store (local.get $to)
        (f32.add (f32.load (local.get $to))
                 (f32.mul (local.get $scale) (f32.load (local.get $from)))))
      (local.set $from (i32.add (local.get $from) (i32.const 4)))
      (local.set $to (i32.add (local.get $to) (i32.const 4)))
      (br_if $next (i32.lt_u (local.get $to) (local.get $end))))))
