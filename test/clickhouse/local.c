// Starts a server from libchdb.so, which has all of `clickhouse local` in it: LIBCHDB names the file, the arguments are those of the command.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

struct result {
  char *buffer;
  size_t length;
  void *vector;
  double elapsed;
  unsigned long rows, bytes;
  char *error;
};

int main(int count, char **arguments) {
  void *library = dlopen(getenv("LIBCHDB"), RTLD_LAZY);
  struct result *(*query)(int, char **) = library ? dlsym(library, "query_stable_v2") : NULL;
  if (query == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 3;
  }
  arguments[0] = "clickhouse";
  struct result *result = query(count, arguments);
  if (result == NULL) return 4;
  if (result->error) fprintf(stderr, "%s\n", result->error);
  if (result->buffer) fwrite(result->buffer, 1, result->length, stdout);
  return result->error ? 1 : 0;
}
