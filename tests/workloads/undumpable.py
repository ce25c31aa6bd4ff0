"""Burns half a second of CPU time in a child that nobody but a privileged user may look into: PR_SET_DUMPABLE of prctl(2)."""

import ctypes
import os
import sys
import time

PR_SET_DUMPABLE = 4

# Before the fork, so that the child was never anything else.
libc = ctypes.CDLL(None)
libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
pid = os.fork()
libc.prctl(PR_SET_DUMPABLE, int(pid != 0), 0, 0, 0)
if pid == 0:
    while time.process_time() < 0.5:
        pass
    os._exit(0)
os.waitpid(pid, 0)
print("1" if os.path.exists("/proc/1") else "hidden")
sys.exit(6)
