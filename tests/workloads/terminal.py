"""Drives a program on a pseudo-terminal: terminal.py '{"argv": [...], "steps": [...], "columns": 80}'.

A step is {"send": TEXT}, {"expect": PATTERN}, {"idle": true} (until every process in the foreground sleeps), {"columns": N} or
{"hangup": true} (the terminal goes away, and nothing is killed). An expectation looks at what was written since the last one and waits
for it, a minute at most. Prints as JSON the whole transcript and the first step that did not come true.
"""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

DEADLINE_SECONDS = 60
LOOK_SECONDS = 0.03
QUIET_LOOKS = 4


class Terminal:
    def __init__(self, argv, columns):
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            for ignored_by_python in (signal.SIGPIPE, signal.SIGXFSZ):
                signal.signal(ignored_by_python, signal.SIG_DFL)
            os.execvp(argv[0], argv)
        self.resize(columns)
        self.transcript = ""
        self.seen = 0

    def resize(self, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def send(self, text):
        os.write(self.master, text.encode())

    def expect(self, pattern):
        deadline = time.monotonic() + DEADLINE_SECONDS
        while True:
            match = re.compile(pattern, re.S).search(self.transcript, self.seen)
            if match:
                self.seen = match.end()
                return True
            if not self.read(deadline - time.monotonic()):
                return False

    def read(self, seconds):
        ready, _, _ = select.select([self.master], [], [], max(0, seconds))
        if not ready:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:  # EIO: nobody has the terminal open any more
            return False
        self.transcript += data.decode(errors="replace")
        return bool(data)

    def idle(self):
        deadline = time.monotonic() + DEADLINE_SECONDS
        quiet = 0
        while quiet < QUIET_LOOKS and time.monotonic() < deadline:
            quiet = quiet + 1 if self.foreground_states() <= {"S"} else 0
            self.read(LOOK_SECONDS)
        return quiet == QUIET_LOOKS

    def foreground_states(self):
        group = str(os.tcgetpgrp(self.master))
        states = set()
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat") as file:
                    fields = file.read().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if fields[2] == group:
                states.add(fields[0])
        return states

    def take(self, step):
        if "send" in step:
            self.send(step["send"])
        elif "columns" in step:
            self.resize(step["columns"])
        elif "hangup" in step:
            os.close(self.master)
        elif "idle" in step:
            return self.idle()
        else:
            return self.expect(step["expect"])
        return True


plan = json.loads(sys.argv[1])
terminal = Terminal(plan["argv"], plan.get("columns", 80))
missing = next((step for step in plan["steps"] if not terminal.take(step)), None)
if {"hangup": True} not in plan["steps"]:
    os.kill(terminal.pid, signal.SIGKILL)
print(json.dumps({"transcript": terminal.transcript, "missing": missing}))
