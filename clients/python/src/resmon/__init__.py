"""Marks the timeline of a program that resmon records, and starts monitors from inside it."""

from typing import TYPE_CHECKING, Any

from resmon.marks import Handler, Progress, checkpoint, dropped, log, log_start_finish, phase, tag

if TYPE_CHECKING:
    from resmon.monitor import Monitor

__version__ = "0.1.0"
__all__ = [
    "Handler",
    "Monitor",
    "Progress",
    "checkpoint",
    "dropped",
    "log",
    "log_start_finish",
    "phase",
    "tag",
]


def __getattr__(name: str) -> Any:
    # A program that only makes marks need not load what starts others.
    if name == "Monitor":
        from resmon.monitor import Monitor

        return Monitor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
