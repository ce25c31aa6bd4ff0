/* Two threads that keep two cores busy for a number of seconds. */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

static double seconds;

static void *spin(void *unused) {
  struct timespec start, now;
  (void)unused;
  clock_gettime(CLOCK_MONOTONIC, &start);
  do clock_gettime(CLOCK_MONOTONIC, &now);
  while ((now.tv_sec - start.tv_sec) + (now.tv_nsec - start.tv_nsec) / 1e9 < seconds);
  return NULL;
}

int main(int argc, char **argv) {
  pthread_t thread;
  seconds = argc > 1 ? atof(argv[1]) : 1;
  pthread_create(&thread, NULL, spin, NULL);
  spin(NULL);
  return pthread_join(thread, NULL);
}
