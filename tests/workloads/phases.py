"""Burns CPU, touches memory and writes a file in phases of their own; tells what the kernel accounts for each, as JSON."""

import json
import os
import resource
import socket
import sys
import tempfile
import time

MIB = 1024 * 1024
kind, address = os.environ["RESMON_ADDR"].split(":", 1)
assert kind == "unix", kind
connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
connection.connect(address)
kept = []


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def written():
    with open("/proc/self/io") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("write_bytes"))


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def mark(kind, name):
    now = time.time()
    line = {"kind": kind, "name": name, "time": now, "pid": os.getpid(), "span": name}
    connection.sendall(json.dumps(line).encode() + b"\n")
    return now


def burn():
    end = cpu() + 1
    while cpu() < end:
        sum(range(10_000))


def touch():
    kept.append(bytearray(os.urandom(MIB)) * 100)
    # For longer than a tick, so that one comes while it is there.
    time.sleep(0.3)


def write():
    with tempfile.TemporaryFile(dir=sys.argv[1]) as file:
        for _ in range(20):
            file.write(os.urandom(MIB))
        file.flush()
        os.fsync(file.fileno())


told = {}
for work in (burn, touch, write):
    time.sleep(0.3)
    before = (cpu(), written(), mark("phase_start", work.__name__))
    # A busy machine reads the counters some time after a boundary: there is nothing to be read then.
    time.sleep(0.3)
    work()
    time.sleep(0.3)
    after = (cpu(), written(), mark("phase_end", work.__name__))
    used, bytes_written, seconds = (b - a for a, b in zip(before, after))
    told[work.__name__] = {"seconds": seconds, "cpu": used, "written": bytes_written, "resident": resident()}
time.sleep(0.3)
print(json.dumps(told))
