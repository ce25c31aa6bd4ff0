"""pyml's usage tracking: checkpoints, and ``usage.json`` on demand."""

import os
from typing import Optional, Union

from resmon import marks
from resmon.monitor import Monitor

__all__ = ["Usage"]


class Usage:
    """What this process and its children use, by resmon.

    Under ``resmon run`` checkpoints stand in that recording and nothing has to be started. :meth:`start` records a program
    that runs without it, for :meth:`dump`.
    """

    _monitor: Optional[Monitor] = None

    @classmethod
    def start(cls, interval: float = 1.0) -> None:
        """Begins to record this process and its children; does nothing where it does already."""
        if cls._monitor is None or not cls._monitor.is_running:
            cls._monitor = Monitor(interval=interval).start()

    @classmethod
    def stop(cls) -> None:
        """Ends the recording with a last sample; :meth:`dump` is still possible."""
        if cls._monitor is not None:
            cls._monitor.stop()

    @classmethod
    def checkpoint(cls, *tags: object) -> None:
        """Marks this moment: ``Usage.checkpoint("step", 3)``. Where nothing records, it does nothing."""
        marks.checkpoint(*tags)

    @classmethod
    def dump(cls, path: Union[str, "os.PathLike[str]"] = "usage.json") -> None:
        """Writes what was recorded so far as pyml's ``usage.json``. Raises MonitorError before :meth:`start`."""
        monitor = cls._monitor or Monitor()
        monitor.export("pyml-usage", path)
