"""Ignores SIGCHLD, so that nobody waits for its children and the kernel forgets what they used."""

import os
import signal
import time

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for _ in range(2):
    if os.fork() == 0:
        end = time.process_time() + 1.0
        while time.process_time() < end:
            pass
        os._exit(0)
try:
    os.wait()  # Where SIGCHLD is ignored, it blocks until all children have ended, and then fails.
except ChildProcessError:
    pass
