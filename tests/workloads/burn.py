"""Burns CPU seconds, its own start included: burn.py SECONDS [setsid | daemon | threads | name NAME]."""

import ctypes
import os
import sys
import threading
import time

whole = float(sys.argv[1])
how = sys.argv[2] if len(sys.argv) > 2 else "plain"
PR_SET_NAME = 15


def burn(seconds):
    while time.process_time() < seconds:
        pass


if how == "setsid":
    rest = whole - time.process_time()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        burn(rest)
        os._exit(0)
    os.waitpid(pid, 0)
elif how == "daemon":
    # A grandchild of a session of its own whose parent ends at once; the file tells when it is done.
    rest = whole - time.process_time()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        if os.fork() > 0:
            os._exit(0)
        burn(rest)
        with open(sys.argv[3], "w", encoding="utf-8") as file:
            file.write("done")
        os._exit(0)
    os.waitpid(pid, 0)
elif how == "name":
    ctypes.CDLL(None).prctl(PR_SET_NAME, sys.argv[3].encode(), 0, 0, 0)
    burn(whole)
else:
    burn(whole)
# Without the interpreter's own end, which takes CPU time that nobody has promised.
os._exit(0)
