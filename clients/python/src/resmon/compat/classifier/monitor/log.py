"""pyml's redirected logging: ``from resmon.compat.classifier.monitor.log import logging``, and messages go to resmon too.

Importing it gives the root logger two handlers: one prints to stdout, the other tells resmon.
"""

import logging
import sys
from types import TracebackType
from typing import Any, Callable, Optional, Type

from resmon import marks
from resmon.compat._stdout import StdoutHandler
from resmon.compat.classifier.monitor._messages import plain, render

__all__ = ["forward_exception", "logging", "setup"]

_Hook = Callable[[Type[BaseException], BaseException, Optional[TracebackType]], Any]


class _Formatter(logging.Formatter):
    """Tells several messages one below the other."""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(_single(record, render(record.msg, record.args)))


class _ResmonHandler(marks.Handler):
    """Tells resmon, tables of rich as tables."""

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.args, tuple):
            copy = logging.makeLogRecord(record.__dict__)
            copy.msg = plain(record.msg)
            copy.args = tuple(map(plain, record.args))
            record = copy
        super().emit(record)


def setup(level: int = logging.INFO, forward_exceptions: bool = False) -> None:
    """Redirects logging, once: messages below the level are left out, uncaught exceptions are logged on demand."""
    root = logging.getLogger()
    if not any(isinstance(handler, _ResmonHandler) for handler in root.handlers):
        root.addHandler(StdoutHandler(_Formatter("[%(asctime)s] [%(levelname)s] %(message)s")))
        root.addHandler(_ResmonHandler())
    root.setLevel(level)
    if forward_exceptions:
        forward_exception()


def forward_exception() -> None:
    """Logs exceptions that nobody catches, before the interpreter prints them."""
    if not isinstance(sys.excepthook, _LoggingHook):
        sys.excepthook = _LoggingHook(sys.excepthook)


class _LoggingHook:
    def __init__(self, before: _Hook) -> None:
        self._before = before

    def __call__(self, kind: Type[BaseException], error: BaseException, trace: Optional[TracebackType]) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            logging.error("Uncaught exception", exc_info=(kind, error, trace))
        self._before(kind, error, trace)


def _single(record: logging.LogRecord, text: str) -> logging.LogRecord:
    copy = logging.makeLogRecord(record.__dict__)
    copy.msg, copy.args = text, None
    return copy


setup()
