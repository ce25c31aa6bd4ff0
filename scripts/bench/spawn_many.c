/* spawn_many COUNT: forks and executes `true` COUNT times, one after the other. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **words) {
  if (count < 2) return 2;
  for (int left = atoi(words[1]); left > 0; left--) {
    pid_t child = fork();
    if (child == 0) execlp("true", "true", (char *)NULL);
    if (child <= 0) return 1;
    waitpid(child, NULL, 0);
  }
  return 0;
}
