"""reseng's ``ResourceMonitor`` and ``log_start_finish``."""

import json
import os
import sys
import tempfile
import time
import warnings
from typing import TYPE_CHECKING, Any, List, Optional, Tuple, Union

from resmon._log_reader import LogReader
from resmon._report import Report
from resmon.compat.reseng._rows import Row, read_csv, rows_of, write_csv
from resmon.marks import log_start_finish
from resmon.monitor import Monitor

if TYPE_CHECKING:
    import pandas

__all__ = ["ResourceMonitor", "log_start_finish"]

_TOO_SHORT = "ResourceMonitor: no entries in monitor log, execution time may be too short."

Path = Union[str, "os.PathLike[str]"]


class ResourceMonitor:
    """Watches a process and all that it starts, from outside, by resmon."""

    def __init__(self, pid: Optional[int] = None, interval: float = 1) -> None:
        self.pid = os.getpid() if pid is None else pid
        self.interval = interval
        #: What :meth:`tag` has noted: Unix seconds and label.
        self.tags: List[Tuple[float, str]] = []
        self._rows: List[Row] = []
        self._frame: "Optional[pandas.DataFrame]" = None
        self._monitor: Optional[Monitor] = None
        self._recorded: Optional[Monitor] = None
        if sys.platform == "darwin":
            warnings.warn("Disk I/O stats are not available on MacOS.", stacklevel=2)

    def start(self) -> None:
        """Begins to watch; does nothing where it does already. What was watched before is replaced."""
        if self._monitor is None:
            self._monitor = Monitor(self.pid, self.interval).start()

    def stop(self) -> None:
        """Ends, and makes the data available; does nothing where it does not watch."""
        monitor, self._monitor = self._monitor, None
        if monitor is None:
            return
        monitor.stop()
        self._recorded = monitor
        self._frame = None
        self._rows = rows_of(LogReader(monitor.log).read())
        if not self._rows:
            warnings.warn(_TOO_SHORT, stacklevel=2)

    def tag(self, label: str) -> None:
        """Notes this moment, at any time."""
        self.tags.append((time.time(), label))
        if self._monitor is not None:
            self._monitor.tag(label)

    @property
    def df(self) -> "Optional[pandas.DataFrame]":
        """The data over elapsed seconds: time, cpu in percent of a core, memory in bytes, and four in bytes a second.

        None before there is any. Raises ImportError without pandas.
        """
        if self._frame is None and self._rows:
            import pandas

            frame = pandas.DataFrame([row._asdict() for row in self._rows], dtype=float)
            self._frame = frame.set_index("elapsed")
        return self._frame

    def plot(self) -> None:
        """Draws four panels where matplotlib is installed; else it shows resmon's report."""
        if not self._rows:
            print(_TOO_SHORT)
            return
        try:
            from resmon.compat.reseng._panels import draw
        except ImportError:
            self._show_report()
        else:
            draw(self._rows, self.tags)

    def dump(self, filepath: Path) -> None:
        """Writes tags and data into a JSON file. Raises ValueError before there is data."""
        if not self._rows:
            raise ValueError("Cannot dump: there is no data yet, call start() and stop() before")
        with open(filepath, "w", encoding="utf-8") as file:
            json.dump({"tags": self.tags, "data": write_csv(self._rows)}, file)

    @classmethod
    def load(cls, filepath: Path) -> "ResourceMonitor":
        """A monitor with the tags and data of a dumped file. Raises ValueError where it is none."""
        with open(filepath, encoding="utf-8") as file:
            dumped: Any = json.load(file)
        try:
            tags, rows = [(float(at), str(label)) for at, label in dumped["tags"]], read_csv(dumped["data"])
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"Cannot load {os.fspath(filepath)}: it is not a dump of a ResourceMonitor ({error})") from error
        with warnings.catch_warnings():
            # Nothing is watched on this machine.
            warnings.simplefilter("ignore")
            monitor = cls()
        monitor.tags, monitor._rows = tags, rows
        return monitor

    def _show_report(self) -> None:
        if self._recorded is not None:
            self._recorded.plot()
            return
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "monitor.json")
            self.dump(path)
            Report(path).show()
