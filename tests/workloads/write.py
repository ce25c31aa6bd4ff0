"""A child that writes and syncs 64 MiB and is then waited for; the parent lives on."""

import os
import sys
import time

pid = os.fork()
if pid == 0:
    with open(sys.argv[1], "wb") as file:
        for _ in range(64):
            file.write(os.urandom(1 << 20))
        file.flush()
        os.fsync(file.fileno())
    time.sleep(0.4)
    os._exit(0)
os.waitpid(pid, 0)
time.sleep(1.2)
