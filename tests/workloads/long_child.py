"""A child that burns 2.5 s and is waited for only then; tells what the kernel accounts for both."""

import os
import time

from usage_told import end_with_usage

pid = os.fork()
if pid == 0:
    while time.process_time() < 2.5:
        pass
    os._exit(0)
os.waitpid(pid, 0)
time.sleep(1.2)
end_with_usage()
