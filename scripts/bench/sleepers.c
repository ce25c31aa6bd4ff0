/*
 * sleepers COUNT SECONDS NAP_MS: a process with COUNT children that sleep, and wake up every NAP_MS ms; never where it is 0.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

int main(int count, char **words) {
  if (count < 4) return 2;
  unsigned length = atoi(words[2]), nap = atoi(words[3]);
  for (int i = atoi(words[1]); i > 0; i--) {
    if (fork() > 0) continue;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (time_t end = time(NULL) + length; time(NULL) < end;) {
      if (nap > 0) usleep(nap * 1000);
      else sleep(length);
    }
    _exit(0);
  }
  sleep(length);
  return 0;
}
