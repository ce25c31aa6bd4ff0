"""A monitor of this process, started from inside a program or a notebook."""

import json
import math
import os
import shutil
from types import TracebackType
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence, Type, Union

from resmon._log_reader import LogReader
from resmon._program import ask, program
from resmon._recording import MonitorError, Recording
from resmon._report import Report
from resmon._temporary import TemporaryFolder
from resmon._warning import warn

if TYPE_CHECKING:
    import pandas

__all__ = ["Monitor", "MonitorError"]

Path = Union[str, "os.PathLike[str]"]

# That of `resmon attach --interval`.
_MIN_INTERVAL = 0.01


class Monitor:
    """Records a process and all that it starts, from :meth:`start` to :meth:`stop` or as a context manager.

    A resmon process of its own does the work, found by ``RESMON_BIN``, beside this package or in PATH: the recorded program is
    neither slowed nor counted with its monitor. Any number of monitors may run at once.

    :param pid: the process; this one where it is None.
    :param interval: seconds between two samples, at least 0.01.
    :param output: a new or empty folder for what ``resmon attach`` leaves: ``log.jsonl``, ``samples.csv``, ``report.html`` and
        others. Without it, a temporary one that is removed with the monitor.
    :param metrics: what to record, as ``resmon attach --metrics``: ``"cpu,memory"``, ``"all,-disk"``.
    :param options: more words for ``resmon attach``.
    """

    def __init__(
        self,
        pid: Optional[int] = None,
        interval: float = 1.0,
        output: Optional[Path] = None,
        *,
        metrics: Optional[str] = None,
        options: Sequence[str] = (),
    ) -> None:
        try:
            is_possible = _MIN_INTERVAL <= interval < math.inf
        except TypeError:
            raise TypeError(f"Cannot make a Monitor: interval is {interval!r}, and not a number such as 0.1") from None
        if not is_possible:
            raise ValueError(f"Cannot make a Monitor: interval is {interval!r}, and not {_MIN_INTERVAL} s or more")
        self.pid = os.getpid() if pid is None else pid
        self.interval = interval
        self._metrics = metrics
        self._options = list(options)
        self._output = None if output is None else os.path.abspath(os.fspath(output))
        self._log: Optional[str] = None
        self._folder: Optional[TemporaryFolder] = None
        self._recording: Optional[Recording] = None

    def start(self) -> "Monitor":
        """Begins to record, and returns once the first sample is taken. Does nothing where it records already.

        Raises MonitorError where resmon cannot record, or where this monitor has recorded before.
        """
        if self._recording is not None:
            return self
        if self._log is not None:
            raise MonitorError("Cannot start a monitor twice: make a new Monitor, its recording is another one")
        folder = self._output
        if folder is None:
            self._folder = TemporaryFolder("resmon-monitor-")
            folder = os.path.join(self._folder.path, "run")
        log = os.path.join(folder, "log.jsonl")
        self._recording = Recording(self.pid, self._words(folder), log, self._folder)
        self._log = log
        return self

    def stop(self) -> None:
        """Ends the recording with a last sample. Does nothing where it does not record, and in a forked child."""
        recording = self._recording
        if recording is not None and recording.is_owned:
            self._recording = None
            recording.stop()

    def __enter__(self) -> "Monitor":
        return self.start()

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.stop()

    @property
    def is_running(self) -> bool:
        """Whether it records now."""
        self._tell_lost()
        return self._recording is not None and self._recording.is_running

    @property
    def log(self) -> str:
        """The path of the log, ``log.jsonl``, which grows while the monitor runs. Raises MonitorError before the start."""
        if self._log is None:
            raise MonitorError("Cannot read the recording: the monitor was not started")
        return self._log

    def tag(self, label: str, **attributes: Union[str, float, bool]) -> None:
        """Marks this moment in this monitor's recording, and in no other; does nothing where it does not record."""
        self._tell_lost()
        if self._recording is not None and not self._recording.tag(str(label), attributes):
            warn(f"The tag {label!r} was not recorded: resmon cannot be reached")

    def stats(self) -> Dict[str, List[Optional[float]]]:
        """Every series so far as a list, by the name that it has in ``resmon stats``; None is a gap. At any time."""
        self._tell_lost()
        stats: Dict[str, List[Optional[float]]] = json.loads(ask("stats", self.log))
        return stats

    def summary(self) -> Dict[str, Any]:
        """What was used so far, as in ``summary.json``. At any time."""
        self._tell_lost()
        summary: Dict[str, Any] = json.loads(ask("summary", self.log, "--json"))
        return summary

    def df(self) -> "pandas.DataFrame":
        """The series so far as the columns of a DataFrame over elapsed seconds. Raises ImportError without pandas."""
        try:
            import pandas
        except ImportError as error:
            raise ImportError("Cannot make a DataFrame: pandas is missing; pip install pandas, or use stats()") from error
        frame = pandas.DataFrame(self.stats(), dtype=float)
        return frame.set_index("elapsed_seconds")

    def report(self, path: Path) -> None:
        """Writes the report of the recording so far: one HTML file that needs no network."""
        self._tell_lost()
        Report(self.log).write(os.fspath(path))

    def plot(self) -> None:
        """Shows the report: in the notebook where there is one, else in the browser; without a display it prints its path."""
        self._tell_lost()
        Report(self.log).show()

    def _repr_html_(self) -> Optional[str]:
        # Before the start a notebook shows the text.
        return None if self._log is None else Report(self.log)._repr_html_()

    def export(self, form: str, path: Path) -> None:
        """Writes the recording so far as the file of another system, as ``resmon export --format`` does: ``reseng-csv``…"""
        self._tell_lost()
        ask("export", self.log, "--format", form, "-o", os.fspath(path), "--force")

    def __repr__(self) -> str:
        state = "recording" if self._recording is not None else "not started" if self._log is None else "stopped"
        return f"<resmon.Monitor of process {self.pid}, {state}>"

    def dump(self, path: Path) -> None:
        """Writes the whole recording so far, its log, into a file that :meth:`load` and ``resmon report`` read."""
        shutil.copyfile(self.log, path)

    @classmethod
    def load(cls, path: Path) -> "Monitor":
        """A monitor that has recorded what a dumped file, or the ``log.jsonl`` of any run, holds. Raises MonitorError."""
        monitor = cls()
        monitor._log = os.path.abspath(os.fspath(path))
        log = LogReader(monitor._log)
        try:
            log.read()
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise MonitorError(f"Cannot load {os.fspath(path)}: it is not a log of resmon ({error})") from error
        if not log.session:
            raise MonitorError(f"Cannot load {os.fspath(path)}: there is no recording in it")
        monitor.interval = log.session["interval"]
        return monitor

    def _words(self, folder: str) -> List[str]:
        words = [*program(), "attach", "--pid", str(self.pid), "--output", folder, "--quiet"]
        words += ["--interval", f"{round(self.interval * 1000)}ms"]
        if self._metrics is not None:
            words += ["--metrics", self._metrics]
        if self._output is None:
            words.append("--no-report")
        return words + self._options

    def _tell_lost(self) -> None:
        if self._recording is not None:
            self._recording.tell_lost()
