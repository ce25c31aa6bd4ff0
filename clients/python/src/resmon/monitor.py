"""A monitor of this process, started from inside a program or a notebook."""

import atexit
import errno
import json
import os
import shutil
import sys
import tempfile
import time
import warnings
import weakref
from types import TracebackType
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence, Set, Type, Union

from resmon._attachment import Attachment
from resmon._log_reader import LogReader
from resmon._program import ProgramError, ask, program
from resmon._recording import Recorder
from resmon._report import Report
from resmon.marks import _outlet

if TYPE_CHECKING:
    import pandas

_START_SECONDS = 60.0
_STOP_SECONDS = 15.0

Path = Union[str, "os.PathLike[str]"]


class MonitorError(ProgramError):
    """A monitor cannot be started or has recorded nothing; the message says why and what to do."""


class Monitor:
    """Records a process and all that it starts, from :meth:`start` to :meth:`stop` or as a context manager.

    A resmon process of its own does the work (see :func:`resmon._program.program` for how it is found), so that the recorded
    program is neither slowed nor counted with its monitor. Any number of monitors may run at once.

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
        self.pid = os.getpid() if pid is None else pid
        self.interval = interval
        self._metrics = metrics
        self._options = list(options)
        self._output = None if output is None else os.path.abspath(os.fspath(output))
        self._log: Optional[LogReader] = None
        self._folder: Optional[str] = None
        self._recorder: Optional[Recorder] = None
        self._attachment: Optional[Attachment] = None
        self._owner = os.getpid()
        self._is_told = False

    def start(self) -> "Monitor":
        """Begins to record, and returns once the first sample is taken. Does nothing where it records already.

        Raises MonitorError where resmon cannot record, or where this monitor has recorded before.
        """
        if self._recorder is not None:
            return self
        if self._log is not None:
            raise MonitorError("Cannot start a monitor twice: make a new Monitor, its recording is another one")
        self._owner = os.getpid()
        self._folder = self._output or _temporary_folder(self)
        self._log = LogReader(os.path.join(self._folder, "log.jsonl"))
        try:
            self._recorder = Recorder(self._words())
        except (OSError, ProgramError) as error:
            self._log = None
            raise MonitorError(f"Cannot start the monitor: {error}") from error
        self._await_first_tick(self._recorder, LogReader(self._log.path))
        self._attachment = Attachment(self.pid, self._recorder.pid)
        # Marks of the program go to this monitor from now on.
        _outlet.look_soon()
        _running.add(self)
        return self

    def stop(self) -> None:
        """Ends the recording with a last sample. Does nothing where it does not record, and in a forked child."""
        recorder = self._recorder
        if recorder is None or os.getpid() != self._owner:
            return
        self._tell_lost()
        self._recorder = None
        _running.discard(self)
        if self._attachment is not None:
            self._attachment.close()
        is_whole = recorder.stop(_STOP_SECONDS)
        if not is_whole:
            self._warn(f"it did not end within {_STOP_SECONDS:g} s and was killed; its log is complete up to the last sample")
        recorder.close()

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
        return self._recorder is not None and self._recorder.is_running

    @property
    def log(self) -> str:
        """The path of the log, ``log.jsonl``, which grows while the monitor runs. Raises MonitorError before the start."""
        if self._log is None:
            raise MonitorError("Cannot read the recording: the monitor was not started")
        return self._log.path

    def tag(self, label: str, **attributes: Union[str, float, bool]) -> None:
        """Marks this moment in this monitor's recording, and in no other; does nothing where it does not record."""
        self._tell_lost()
        if self._attachment is None or self._recorder is None:
            return
        mark: Dict[str, Any] = {"kind": "tag", "name": str(label), "time": time.time(), "pid": os.getpid()}
        if attributes:
            mark["attributes"] = attributes
        if not self._attachment.send(mark):
            warnings.warn(f"The tag {label!r} was not recorded: resmon cannot be reached", RuntimeWarning, stacklevel=2)

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
        ask("export", self.log, "--format", form, "-o", os.fspath(path))

    def __repr__(self) -> str:
        state = "recording" if self._recorder is not None else "not started" if self._log is None else "stopped"
        return f"<resmon.Monitor of process {self.pid}, {state}>"

    def dump(self, path: Path) -> None:
        """Writes the whole recording so far, its log, into a file that :meth:`load` and ``resmon report`` read."""
        shutil.copyfile(self.log, path)

    @classmethod
    def load(cls, path: Path) -> "Monitor":
        """A monitor that has recorded what a dumped file, or the ``log.jsonl`` of any run, holds. Raises MonitorError."""
        log = LogReader(os.path.abspath(os.fspath(path)))
        try:
            log.read()
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise MonitorError(f"Cannot load {os.fspath(path)}: it is not a log of resmon ({error})") from error
        if not log.session:
            raise MonitorError(f"Cannot load {os.fspath(path)}: there is no recording in it")
        monitor = cls(interval=log.session["interval"])
        monitor._log = LogReader(log.path)
        return monitor

    def _words(self) -> List[str]:
        assert self._folder is not None
        words = [*program(), "attach", "--pid", str(self.pid), "--output", self._folder, "--quiet"]
        words += ["--interval", f"{round(self.interval * 1000)}ms"]
        if self._metrics is not None:
            words += ["--metrics", self._metrics]
        if self._output is None:
            words.append("--no-report")
        return words + self._options

    def _await_first_tick(self, recorder: Recorder, log: LogReader) -> None:
        deadline = time.monotonic() + _START_SECONDS
        try:
            while not log.read():
                # The last words of one that ended are those that tell why.
                if recorder.wait(0.005) or time.monotonic() > deadline:
                    raise MonitorError(f"Cannot start the monitor: {_reason(recorder)}")
        except BaseException:
            recorder.stop(0.5)
            recorder.close()
            self._log = None
            raise

    # A recording that ended while the process goes on has lost what followed.
    def _tell_lost(self) -> None:
        recorder = self._recorder
        if recorder is None or self._is_told or os.getpid() != self._owner:
            return
        if recorder.is_running or not _is_alive(self.pid):
            return
        self._warn(f"resmon has ended, what followed is not recorded ({_reason(recorder)})")

    def _warn(self, what: str) -> None:
        self._is_told = True
        warnings.warn(f"The monitor of process {self.pid} is not complete: {what}", RuntimeWarning, stacklevel=3)


# Monitors that record are ended with the interpreter, and not before, even if nobody holds them.
_running: Set[Monitor] = set()


@atexit.register
def _stop_all() -> None:
    for monitor in list(_running):
        monitor.stop()


def _temporary_folder(monitor: Monitor) -> str:
    folder = tempfile.mkdtemp(prefix="resmon-monitor-")
    weakref.finalize(monitor, _remove, folder, os.getpid())
    return os.path.join(folder, "run")


def _remove(folder: str, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


def _reason(recorder: Recorder) -> str:
    return recorder.complaint() or "it said nothing"


def _is_alive(pid: int) -> bool:
    if pid == os.getpid():
        return True
    if sys.platform == "win32":
        # Signal 0 would end the process there; one that is gone is no loss of the monitor's.
        return False
    try:
        os.kill(pid, 0)
    except OSError as error:
        return error.errno == errno.EPERM
    return True
