"""A child that burns for 2.5 s and is waited for only then."""

import os
import time

pid = os.fork()
if pid == 0:
    end = time.process_time() + 2.5
    while time.process_time() < end:
        pass
    os._exit(0)
os.waitpid(pid, 0)
time.sleep(1.2)
