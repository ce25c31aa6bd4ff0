"""Two threads, beside the main one, that sleep again and again; tells the context switches that the kernel counted."""

import resource
import threading
import time


def nap():
    for _ in range(500):
        time.sleep(0.001)
    # Alive for another tick, so that what it did can be seen.
    time.sleep(1.5)


threads = [threading.Thread(target=nap) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw)
