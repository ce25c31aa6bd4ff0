"""Prints the microseconds of CPU time and of wall time that a mark takes, one line a batch, and behind them how many were dropped.

mark_loop.py <batches> <marks a batch>: what the loop and an empty function take is subtracted. Between two batches the reader gets
time to catch up, as it has in a program that does something else too.
"""

import sys
import time

import resmon


def empty(label, /, **attributes):
    pass


def measure(function, count):
    start = time.thread_time(), time.perf_counter()
    for _ in range(count):
        function("epoch")
    return [(end - begin) / count * 1e6 for begin, end in zip(start, (time.thread_time(), time.perf_counter()))]


batches, count = map(int, sys.argv[1:])
resmon.tag("first")
nothing = min(cpu for cpu, _ in (measure(empty, count) for _ in range(batches)))
for _ in range(batches):
    print(*(seconds - nothing for seconds in measure(resmon.tag, count)))
    time.sleep(0.1)
print(resmon.dropped())
