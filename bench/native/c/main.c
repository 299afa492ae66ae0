// The C twins as a process that a bench drives through stdin and stdout.
//   set <loss> <dtype> <outer> <classes> <inner> <terms> <input> <grad> <end> <target> <bytes> <more> <bytes>
//                                    addresses within an arena and what stands there, followed by the raw input, target
//                                    and third input (of 0 bytes where there is none): as they lie in the other side's
//                                    memory, so that caches see the same
//   use <operation>                  value | grad | valueAndGrad
//   run <times>                      → "<ns of CPU time> <mean>"
//   show                             → the raw gradient
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "task.h"

static void fail(const char *why) {
  fprintf(stderr, "bench/native: %s\n", why);
  exit(1);
}

static void read_all(void *to, size_t bytes) {
  if (fread(to, 1, bytes, stdin) != bytes) fail("input ended");
}

static double cpu_time(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1e9 + now.tv_nsec;
}

static kernel *find(const struct entry *entry, const char *loss, const char *operation) {
  for (; entry->loss; entry++) {
    if (!strcmp(entry->loss, loss) && !strcmp(entry->operation, operation)) return entry->run;
  }
  fail("no such kernel");
  return 0;
}

int main(void) {
  char line[256], loss[64], dtype[8], operation[32];
  struct task task = {0};
  kernel *run = 0;
  char *arena = 0;
  size_t elements = 0, size = 0;
  double terms = 1;
  while (fgets(line, sizeof line, stdin)) {
    size_t input, grad, end, target, target_bytes, more, more_bytes;
    unsigned times;
    if (sscanf(line, "set %63s %7s %zu %zu %zu %lf %zu %zu %zu %zu %zu %zu %zu", loss, dtype, &task.outer,
               &task.classes, &task.inner, &terms, &input, &grad, &end, &target, &target_bytes, &more,
               &more_bytes) == 13) {
      free(arena);
      arena = aligned_alloc(65536, (end + 65535) & ~(size_t)65535);
      if (!arena) fail("out of memory");
      elements = task.outer * task.classes * task.inner;
      size = strcmp(dtype, "f32") ? 8 : 4;
      task.input = arena + input;
      task.target = arena + target;
      task.more = arena + more;
      task.grad = arena + grad;
      task.scale = 1 / terms;
      read_all(arena + input, elements * size);
      read_all(arena + target, target_bytes);
      read_all(arena + more, more_bytes);
      memset(task.grad, 0, elements * size);
    } else if (sscanf(line, "use %31s", operation) == 1) {
      run = find(size == 4 ? kernels_f32 : kernels_f64, loss, operation);
    } else if (sscanf(line, "run %u", &times) == 1) {
      double value = 0, start = cpu_time();
      for (; times; times--) value = run(&task);
      printf("%.0f %.17g\n", cpu_time() - start, value / terms);
      fflush(stdout);
    } else if (!strncmp(line, "show", 4)) {
      fwrite(task.grad, size, elements, stdout);
      fflush(stdout);
    } else fail("no such command");
  }
  return 0;
}
