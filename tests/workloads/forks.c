/* Processes without end: `forks short SECONDS` makes short children one after the other, as fast as it can; `forks tree WIDTH
   DEPTH GO` makes a tree of processes that stay until there is a file GO. Both print a line of what they made, and the CPU seconds
   of all of it as getrusage(2) tells them. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval time) { return time.tv_sec + time.tv_usec / 1e6; }

static double used(int who) {
  struct rusage usage;
  getrusage(who, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static long make_short(double duration) {
  long made = 0;
  for (double end = now() + duration; now() < end; made++) {
    pid_t pid = fork();
    if (pid < 0) exit(2);
    if (pid == 0) {
      /* Less than the kernel's clock tick: no sampling could see it. */
      for (volatile int i = 0; i < 30000; i++) continue;
      _exit(0);
    }
    if (waitpid(pid, NULL, 0) != pid) exit(3);
  }
  return made;
}

static int ready[2], done[2];

static void wait_for_children(void) {
  int status;
  while (wait(&status) > 0) if (status != 0) exit(3);
}

/* The leaves say that they are there, and stay until the root closes its end of a pipe. */
static void grow(int width, int depth) {
  char byte = 0;
  if (depth == 0) {
    if (write(ready[1], &byte, 1) != 1) exit(4);
    if (read(done[0], &byte, 1) != 0) exit(4);
    return;
  }
  for (int child = 0; child < width; child++) {
    pid_t pid = fork();
    if (pid < 0) exit(2);
    if (pid == 0) {
      close(done[1]);
      grow(width, depth - 1);
      wait_for_children();
      _exit(0);
    }
  }
}

static void make_tree(int width, int depth, const char *go) {
  if (pipe(ready) != 0 || pipe(done) != 0) exit(2);
  grow(width, depth);
  long leaves = 1;
  for (int level = 0; level < depth; level++) leaves *= width;
  char byte;
  for (; leaves > 0; leaves--) if (read(ready[0], &byte, 1) != 1) exit(4);
  while (access(go, F_OK) != 0) usleep(10000);
  close(done[1]);
  wait_for_children();
}

int main(int count, char **words) {
  if (count == 3 && strcmp(words[1], "short") == 0) printf("%ld ", make_short(atof(words[2])));
  else if (count == 5 && strcmp(words[1], "tree") == 0) make_tree(atoi(words[2]), atoi(words[3]), words[4]);
  else return 1;
  printf("%.6f\n", used(RUSAGE_SELF) + used(RUSAGE_CHILDREN));
  return 5;
}
