"""psutil_loop.py INTERVAL COMMAND...: what a monitor of some lines reads of the same processes, by psutil."""

import subprocess
import sys
import time

import psutil

interval = float(sys.argv[1])
root = psutil.Process(subprocess.Popen(sys.argv[2:]).pid)
while True:
    began = time.monotonic()
    for process in [root, *root.children(recursive=True)]:
        try:
            with process.oneshot():
                process.cpu_times()
                process.memory_info()
                process.io_counters()
                process.num_threads()
                process.num_ctx_switches()
                process.num_fds()
        except psutil.NoSuchProcess:
            pass
    psutil.cpu_times(percpu=True)
    psutil.virtual_memory()
    psutil.disk_io_counters(perdisk=True)
    psutil.net_io_counters(pernic=True)
    time.sleep(max(0, began + interval - time.monotonic()))
