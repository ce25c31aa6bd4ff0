/*
 * Reads what resmon reads in a tick, at the same times, and does nothing else with it: the kernel's own cost.
 *
 *   cc -O2 -o read_files read_files.c
 *   read_files MONITOR PID INTERVAL_MS SECONDS FILE...
 *
 * MONITOR is resmon, whose children it lists as resmon does; PID is the command; FILE... are the files of the machine that resmon
 * keeps open. As in resmon, descriptors are kept, lists of children are read while new pids appear, a process whose CPU clock has
 * not moved is read once a second, and smaps_rollup for one part in 50 of the time. Prints its own CPU seconds at 1 s and at the
 * end, and how much it read.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define REST_SECONDS 0.9
enum { MAX_PROCESSES = 4096, MAX_FILES = 1024, SMAPS_SHARE = 50 };

struct process {
  int pid, stat, io, status, children, is_news;
  double read_at;
  struct timespec cpu;
};

static struct process processes[MAX_PROCESSES];
static int process_count, own_children, loadavg, machine_files[MAX_FILES], machine_count;
static long ticks, files, walks;
static double smaps_due;
static char buffer[65536], last_pid[32];

static double seconds(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

static int open_file(const char *format, int pid) {
  char path[256];
  snprintf(path, sizeof path, format, pid, pid);
  return open(path, O_RDONLY | O_CLOEXEC);
}

static ssize_t read_file(int file) {
  if (file < 0) return -1;
  files++;
  return pread(file, buffer, sizeof buffer, 0);
}

static void admit(int pid) {
  if (process_count == MAX_PROCESSES) return;
  for (int i = 0; i < process_count; i++)
    if (processes[i].pid == pid) return;
  struct process *process = &processes[process_count++];
  process->pid = pid;
  process->stat = open_file("/proc/%d/stat", pid);
  process->io = open_file("/proc/%d/io", pid);
  process->status = open_file("/proc/%d/status", pid);
  process->children = open_file("/proc/%d/task/%d/children", pid);
}

static void admit_children(int file) {
  ssize_t length = read_file(file);
  if (length <= 0) return;
  buffer[length] = 0;
  static char list[sizeof buffer];
  memcpy(list, buffer, length + 1);
  for (char *word = strtok(list, " "); word != NULL; word = strtok(NULL, " ")) admit(atoi(word));
}

/* Whether a pid was given away since the last time. */
static int has_new_pid(int keep) {
  ssize_t length = read_file(loadavg);
  if (length <= 0) return 1;
  buffer[length] = 0;
  char *pid = strrchr(buffer, ' ');
  int is_new = pid == NULL || strcmp(pid, last_pid) != 0;
  if (keep && pid != NULL) snprintf(last_pid, sizeof last_pid, "%s", pid);
  return is_new;
}

static void read_smaps(double now) {
  if (now < smaps_due) return;
  double start = seconds(CLOCK_MONOTONIC);
  for (int i = 0; i < process_count; i++) {
    int file = open_file("/proc/%d/smaps_rollup", processes[i].pid);
    read_file(file);
    close(file);
  }
  has_new_pid(0);
  walks++;
  smaps_due = now + (seconds(CLOCK_MONOTONIC) - start) * SMAPS_SHARE;
}

static void read_counters(struct process *process, double now) {
  struct timespec before = process->cpu;
  clock_gettime((clockid_t)(~(unsigned)process->pid << 3 | 2), &process->cpu);
  int has_run = before.tv_nsec != process->cpu.tv_nsec || before.tv_sec != process->cpu.tv_sec;
  process->is_news = has_run || now - process->read_at >= REST_SECONDS;
  if (!process->is_news) return;
  process->read_at = now;
  read_file(process->stat);
  read_file(process->io);
}

static void tick(double now) {
  static int quiet;
  struct rusage usage;
  struct statx size;
  char path[64];
  read_file(own_children);
  quiet = has_new_pid(1) ? 0 : quiet + 1;
  if (quiet <= 1) read_file(own_children);
  for (int i = 0; i < process_count; i++) {
    read_counters(&processes[i], now);
    if (quiet <= 1) admit_children(processes[i].children);
  }
  for (int i = 0; i < process_count; i++)
    if (processes[i].is_news) read_file(processes[i].status);
  read_smaps(now);
  for (int i = 0; i < process_count; i++) {
    if (!processes[i].is_news) continue;
    snprintf(path, sizeof path, "/proc/%d/fd", processes[i].pid);
    statx(AT_FDCWD, path, 0, STATX_SIZE, &size);
  }
  for (int i = 0; i < machine_count; i++) read_file(machine_files[i]);
  getrusage(RUSAGE_SELF, &usage);
  ticks++;
}

static double cpu_seconds(void) { return seconds(CLOCK_PROCESS_CPUTIME_ID); }

int main(int count, char **words) {
  if (count < 5) {
    fprintf(stderr, "usage: read_files MONITOR PID INTERVAL_MS SECONDS FILE...\n");
    return 2;
  }
  double interval = atof(words[3]) / 1000, length = atof(words[4]);
  own_children = open_file("/proc/%d/task/%d/children", atoi(words[1]));
  loadavg = open("/proc/loadavg", O_RDONLY);
  for (int i = 5; i < count && machine_count < MAX_FILES; i++)
    machine_files[machine_count++] = open(words[i], O_RDONLY | O_CLOEXEC);
  admit(atoi(words[2]));
  double start = seconds(CLOCK_MONOTONIC), after_first = 0;
  for (long number = 0;; number++) {
    double due = start + number * interval;
    if (due - start > length) break;
    double left = due - seconds(CLOCK_MONOTONIC);
    if (left > 0) usleep((useconds_t)(left * 1e6));
    tick(seconds(CLOCK_MONOTONIC));
    if (due - start <= 1) after_first = cpu_seconds();
  }
  printf("{\"cpu_seconds\":%.6f,\"cpu_seconds_at_1\":%.6f,\"ticks\":%ld,\"files\":%ld,\"walks\":%ld,\"processes\":%d}\n",
         cpu_seconds(), after_first, ticks, files, walks, process_count);
  return 0;
}
