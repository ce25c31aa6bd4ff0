"""A running ``resmon attach``."""

import atexit
import errno
import os
import sys
import tempfile
import time
from typing import IO, Any, Dict, List, Optional, Set

from resmon._attachment import Attachment
from resmon._detached import Detached
from resmon._log_reader import LogReader, read_lost
from resmon._program import ProgramError
from resmon._temporary import TemporaryFolder
from resmon._warning import warn
from resmon.marks import _outlet

_START_SECONDS = 60.0
_STOP_SECONDS = 15.0


class MonitorError(ProgramError):
    """A monitor cannot be started or has recorded nothing; the message says why and what to do."""


class Recording:
    """Records one process, from its making to :meth:`stop`, to the end of the process or that of the interpreter."""

    def __init__(self, pid: int, words: List[str], log: str, folder: Optional[TemporaryFolder]) -> None:
        """Returns once the first sample is taken. Raises MonitorError where resmon cannot record.

        :param words: of the program. :param log: what it writes. :param folder: what must not be removed meanwhile.
        """
        self._pid = pid
        self._log = log
        self._folder = folder
        self._owner = os.getpid()
        self._is_told = False
        self._stderr: IO[bytes] = tempfile.TemporaryFile()
        try:
            self._process = Detached(words, self._stderr)
        except OSError as error:
            raise MonitorError(f"Cannot start the monitor: {error}") from error
        self._await_first_tick(LogReader(log))
        self._attachment = Attachment(pid, self._process.pid)
        # Marks of the program come to this recording from now on.
        _outlet.look_soon()
        _running.add(self)

    @property
    def is_owned(self) -> bool:
        """False in a forked child, which may neither end it nor tell of it."""
        return os.getpid() == self._owner

    @property
    def is_running(self) -> bool:
        return self._process.is_running

    def tag(self, label: str, attributes: Dict[str, Any]) -> bool:
        """Marks this moment in this recording alone. False where resmon cannot be reached."""
        mark = {"kind": "tag", "name": label, "time": time.time(), "pid": os.getpid()}
        return self._attachment.send({**mark, "attributes": attributes} if attributes else mark)

    def stop(self) -> None:
        """Ends it with a last sample."""
        self.tell_lost()
        _running.discard(self)
        self._attachment.close()
        is_whole = self._process.stop(_STOP_SECONDS)
        self._close()
        if not is_whole:
            self._warn(f"it did not end within {_STOP_SECONDS:g} s and was killed; its log is complete up to the last sample")
        for reason in read_lost(self._log):
            self._warn(reason)

    def tell_lost(self) -> None:
        """Warns, once, where it has ended while the process goes on: what followed is lost."""
        if self._is_told or not self.is_owned or self.is_running or not _is_alive(self._pid):
            return
        self._warn(f"resmon has ended, what followed is not recorded ({self._complaint()})")

    def _await_first_tick(self, log: LogReader) -> None:
        deadline = time.monotonic() + _START_SECONDS
        try:
            while not log.read():
                if self._process.wait(0.005) or time.monotonic() > deadline:
                    raise MonitorError(f"Cannot start the monitor: {self._complaint()}")
        except BaseException:
            self._process.stop(0.5)
            self._close()
            raise

    def _complaint(self) -> str:
        self._stderr.seek(0)
        return self._stderr.read().decode("utf-8", "replace").strip() or "it said nothing"

    def _warn(self, what: str) -> None:
        self._is_told = True
        warn(f"The monitor of process {self._pid} is not complete: {what}")

    def _close(self) -> None:
        self._process.close()
        self._stderr.close()


# Ended with the interpreter and not before, even if nobody holds their monitors.
_running: Set[Recording] = set()


@atexit.register
def _stop_all() -> None:
    for recording in [each for each in _running if each.is_owned]:
        recording.stop()


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
