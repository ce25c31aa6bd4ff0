"""Two children that burn CPU one after the other, the second with the pid of the first (root only: ns_last_pid); 1.5 s in
all, the interpreter's own start included."""

import os
import time


def burn(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


first = os.fork()
if first == 0:
    burn(0.6)
    os._exit(0)
os.waitpid(first, 0)
with open("/proc/sys/kernel/ns_last_pid", "w", encoding="ascii") as file:
    file.write(str(first - 1))
rest = 0.9 - time.process_time()
second = os.fork()
if second == 0:
    burn(rest)
    os._exit(0)
os.waitpid(second, 0)
print(first, second, flush=True)
# Without the interpreter's own end, which takes CPU time that nobody has promised.
os._exit(0 if first == second else 9)
