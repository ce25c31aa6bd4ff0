"""150 children one after the other, each with 40 ms of CPU; tells what the kernel accounts for all of it."""

import os
import sys
import time

from usage_told import end_with_usage

children, seconds = int(sys.argv[1]), float(sys.argv[2])
for _ in range(children):
    pid = os.fork()
    if pid == 0:
        end = time.process_time() + seconds
        while time.process_time() < end:
            pass
        os._exit(0)
    os.waitpid(pid, 0)

end_with_usage()
