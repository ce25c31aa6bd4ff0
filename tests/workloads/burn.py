"""Burns CPU seconds: burn.py SECONDS [setsid | daemon FILE | name NAME]; tells what the kernel accounts for all of it."""

import ctypes
import os
import sys
import time

from usage_told import end_with_usage

seconds = float(sys.argv[1])
how = sys.argv[2] if len(sys.argv) > 2 else "plain"
PR_SET_NAME = 15


def burn():
    while time.process_time() < seconds:
        pass


def write(text):
    with open(sys.argv[3], "w", encoding="utf-8") as file:
        file.write(text)


if how == "setsid":
    pid = os.fork()
    if pid == 0:
        os.setsid()
        burn()
        os._exit(0)
    os.waitpid(pid, 0)
elif how == "daemon":
    # A grandchild of a session of its own whose parent ends at once: it tells its own part, into the file.
    pid = os.fork()
    if pid == 0:
        os.setsid()
        if os.fork() > 0:
            os._exit(0)
        burn()
        write(str(time.process_time()))
        os._exit(0)
    os.waitpid(pid, 0)
elif how == "name":
    ctypes.CDLL(None).prctl(PR_SET_NAME, sys.argv[3].encode(), 0, 0, 0)
    burn()
else:
    burn()
end_with_usage()
