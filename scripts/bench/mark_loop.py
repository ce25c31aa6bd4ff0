"""Prints the microseconds that a mark takes, one number a batch, and behind them how many marks were dropped.

mark_loop.py <batches> <marks a batch>: what the loop and an empty function take is subtracted. Between two batches the reader gets
time to catch up, as it has in a program that does something else too.
"""

import sys
import time

import resmon


def empty(label, /, **attributes):
    pass


def measure(function, count):
    start = time.perf_counter()
    for _ in range(count):
        function("epoch")
    return (time.perf_counter() - start) / count * 1e6


batches, count = map(int, sys.argv[1:])
resmon.tag("first")
nothing = min(measure(empty, count) for _ in range(batches))
for _ in range(batches):
    print(measure(resmon.tag, count) - nothing)
    time.sleep(0.1)
print(resmon.dropped())
