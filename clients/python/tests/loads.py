"""Loads of known size."""

import time
from contextlib import contextmanager
from typing import Iterator


def spin(seconds: float) -> float:
    """Uses one core for so many seconds of CPU time; gives what it really used, of the whole process."""
    start = time.process_time()
    while time.process_time() - start < seconds:
        pass
    return time.process_time() - start


@contextmanager
def holding(mebibytes: int) -> Iterator[None]:
    """Holds so much memory, every page touched."""
    held = bytearray(mebibytes << 20)
    held[::4096] = b"x" * len(held[::4096])
    yield
    del held
