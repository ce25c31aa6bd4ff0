"""Takes all that there is of something, holds it for a second, lets go and exits with code 9: exhaust.py processes|threads|files."""

import os
import sys
import threading
import time

HOLD_SECONDS = 1
what = sys.argv[1]
held = []
stop = threading.Event()

try:
    while len(held) < 100_000:
        if what == "processes":
            held.append(os.fork())
            if held[-1] == 0:
                time.sleep(60)
        elif what == "threads":
            held.append(threading.Thread(target=stop.wait))
            held[-1].start()
        else:
            held.append(os.open("/dev/null", os.O_RDONLY))
except (OSError, RuntimeError):
    time.sleep(HOLD_SECONDS)
    if what == "processes":
        for child in held:
            os.kill(child, 9)
            os.waitpid(child, 0)
    stop.set()
    # In one write: others write to the same pipe.
    os.write(1, f"exhausted {len(held) > 5}\n".encode())
    sys.exit(9)
