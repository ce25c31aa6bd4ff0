/* map_memory THREADS ROUNDS: each thread maps 4 MiB, touches every page and unmaps it, ROUNDS times. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { BYTES = 4 << 20, PAGE = 4096, MAX_THREADS = 64 };

static long rounds;

static void *work(void *unused) {
  for (long round = 0; round < rounds; round++) {
    char *memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) exit(1);
    for (int at = 0; at < BYTES; at += PAGE) memory[at] = 1;
    munmap(memory, BYTES);
  }
  return unused;
}

int main(int count, char **words) {
  if (count < 3) return 2;
  int threads = atoi(words[1]);
  if (threads > MAX_THREADS) return 2;
  rounds = atol(words[2]);
  pthread_t others[MAX_THREADS];
  for (int i = 1; i < threads; i++) pthread_create(&others[i], NULL, work, NULL);
  work(NULL);
  for (int i = 1; i < threads; i++) pthread_join(others[i], NULL);
  return 0;
}
