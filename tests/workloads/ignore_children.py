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
time.sleep(3.2)
