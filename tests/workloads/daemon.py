"""Leaves a daemon behind and exits with code 4: daemon.py TOLD GO.

Once its parent is gone, the daemon writes its own pid and that of its new parent to the file TOLD. It ends when GO is there.
"""

import os
import sys
import time

told, go = sys.argv[1:]
parent = os.getpid()
if os.fork() > 0:
    os._exit(4)
os.setsid()
null = os.open("/dev/null", os.O_RDWR)
for descriptor in (0, 1, 2):
    os.dup2(null, descriptor)
while os.getppid() == parent:
    time.sleep(0.01)
with open(f"{told}.part", "w") as file:
    file.write(f"{os.getpid()} {os.getppid()}")
os.rename(f"{told}.part", told)
while not os.path.exists(go):
    time.sleep(0.01)
