// The C twins as a process that a bench drives through stdin and stdout.
//   set <loss> <dtype> <outer> <classes> <inner> <terms> <end> <inputs> <gradients> {<address> <bytes>}
//                                    addresses within an arena, of two to four inputs and one or two gradients, followed by
//                                    the raw inputs: as they lie in the other side's memory, so that caches see the same
//   use <operation>                  value | grad | valueAndGrad
//   run <times>                      → "<ns of CPU time> <mean>"
//   show                             → the raw gradients
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
  char line[512], loss[64], dtype[8], operation[32];
  struct task task = {0};
  kernel *run = 0;
  char *arena = 0;
  size_t size = 0, grads = 0;
  struct { size_t at, bytes; } operands[6] = {{0}};
  double terms = 1;
  while (fgets(line, sizeof line, stdin)) {
    size_t end, inputs;
    unsigned times;
    int read = 0;
    if (sscanf(line, "set %63s %7s %zu %zu %zu %lf %zu %zu %zu%n", loss, dtype, &task.outer, &task.classes,
               &task.inner, &terms, &end, &inputs, &grads, &read) == 9) {
      if (inputs < 2 || inputs > 4 || grads < 1 || grads > 2) fail("too many operands");
      char *rest = line + read;
      memset(operands, 0, sizeof operands);
      for (size_t i = 0; i < inputs + grads; i++) {
        size_t slot = i < inputs ? i : 4 + i - inputs;
        operands[slot].at = strtoull(rest, &rest, 10);
        operands[slot].bytes = strtoull(rest, &rest, 10);
      }
      free(arena);
      arena = aligned_alloc(65536, (end + 65535) & ~(size_t)65535);
      if (!arena) fail("out of memory");
      size = strcmp(dtype, "f32") ? 8 : 4;
      task.input = arena + operands[0].at;
      task.target = arena + operands[1].at;
      task.more = arena + operands[2].at;
      task.last = arena + operands[3].at;
      task.more_length = operands[2].bytes / size;
      task.grad = arena + operands[4].at;
      task.grad_more = arena + operands[5].at;
      task.scale = 1 / terms;
      for (size_t i = 0; i < inputs; i++) read_all(arena + operands[i].at, operands[i].bytes);
      for (size_t i = 4; i < 6; i++) memset(arena + operands[i].at, 0, operands[i].bytes);
    } else if (sscanf(line, "use %31s", operation) == 1) {
      run = find(size == 4 ? kernels_f32 : kernels_f64, loss, operation);
    } else if (sscanf(line, "run %u", &times) == 1) {
      double value = 0, start = cpu_time();
      for (; times; times--) value = run(&task);
      printf("%.0f %.17g\n", cpu_time() - start, value / terms);
      fflush(stdout);
    } else if (!strncmp(line, "show", 4)) {
      for (size_t i = 4; i < 4 + grads; i++) fwrite(arena + operands[i].at, 1, operands[i].bytes, stdout);
      fflush(stdout);
    } else fail("no such command");
  }
  return 0;
}
