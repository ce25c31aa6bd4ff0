/* timed FILE COMMAND...: runs a command, and writes into FILE how long it took, its CPU time and its largest resident memory, as JSON. */
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
  double cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
  fprintf(file, "{\"seconds\":%.6f,\"cpu_seconds\":%.6f,\"memory_bytes\":%ld}\n", seconds, cpu,
          usage.ru_maxrss * 1024L);
  fclose(file);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
