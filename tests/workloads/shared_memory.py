"""300 MB in one process, forked to 8 readers that keep them for a while."""

import os
import time

memory = bytearray(os.urandom(1_000_000)) * 300
readers = []
for _ in range(8):
    pid = os.fork()
    if pid == 0:
        sum(memory[::4096])
        time.sleep(4)
        os._exit(0)
    readers.append(pid)
for pid in readers:
    os.waitpid(pid, 0)
