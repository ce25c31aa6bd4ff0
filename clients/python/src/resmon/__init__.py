"""Marks the timeline of a program that resmon records, and starts monitors from inside it."""

from typing import TYPE_CHECKING, Any

from resmon.marks import Handler, Progress, checkpoint, dropped, log, log_start_finish, phase, tag

if TYPE_CHECKING:
    from resmon.monitor import Monitor, MonitorError

__version__ = "0.1.0"
__all__ = [
    "Handler",
    "Monitor",
    "MonitorError",
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
    if name in ("Monitor", "MonitorError"):
        from resmon import monitor

        return getattr(monitor, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
