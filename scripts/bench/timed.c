/* timed FILE COMMAND...: runs a command, and writes into FILE how long it took and its largest resident memory, as JSON. */
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

int main(int count, char **words) {
  if (count < 3) return 2;
  pid_t child;
  int status;
  struct rusage usage;
  double start = now();
  if (posix_spawnp(&child, words[2], NULL, NULL, words + 2, environ) != 0) return 127;
  if (wait4(child, &status, 0, &usage) < 0) return 125;
  double seconds = now() - start;
  FILE *file = fopen(words[1], "w");
  if (file == NULL) return 125;
  fprintf(file, "{\"seconds\":%.6f,\"memory_bytes\":%ld}\n", seconds, usage.ru_maxrss * 1024L);
  fclose(file);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
