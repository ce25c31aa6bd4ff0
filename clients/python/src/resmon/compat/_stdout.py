"""Logs to stdout."""

import logging
import sys


class StdoutHandler(logging.StreamHandler):  # type: ignore[type-arg]  # generic only in the stubs
    """Prints to what ``sys.stdout`` is at the time: a notebook's cell, a test's capture."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__(sys.stdout)
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stdout
        super().emit(record)
