"""Two children that burn CPU one after the other, the second with the pid of the first (root only: ns_last_pid); tells the
pid, and what the kernel accounts for all of it."""

import os
import time

from usage_told import end_with_usage


def child(seconds):
    pid = os.fork()
    if pid == 0:
        while time.process_time() < seconds:
            pass
        os._exit(0)
    os.waitpid(pid, 0)
    return pid


first = child(0.6)
with open("/proc/sys/kernel/ns_last_pid", "w", encoding="ascii") as file:
    file.write(str(first - 1))
second = child(0.9)
print(first, flush=True)
end_with_usage(0 if first == second else 9)
