"""heflwr's monitors that watch from another process: resmon."""

import os
import threading
from typing import Optional, Sequence

from resmon.compat.heflwr._base import BaseMonitor
from resmon.compat.heflwr._format import file_header, file_line
from resmon.compat.heflwr._outside import OutsideRecorder
from resmon.compat.heflwr._remote import random_identifier

__all__ = ["FileMonitor", "PrometheusMonitor", "RemoteMonitor"]


class _ProcessMonitor(BaseMonitor):
    def __init__(self, interval: float) -> None:
        super().__init__(interval)
        self._recorder = OutsideRecorder(self.pid, interval, self._metrics, self._samples)
        self._lock = threading.Lock()

    def set_metrics(self, **kwargs: bool) -> None:
        """Turns ``cpu``, ``memory``, ``network`` and ``power`` on or off; while monitoring, a new recording begins."""
        wanted = self._metrics.with_changes(**kwargs)
        is_running = self._recorder.is_running
        if is_running and wanted != self._metrics.wanted:
            self.stop()
        self._metrics.wanted = wanted
        if is_running:
            self.start()

    def start(self) -> None:
        """Begins to monitor, with the first reading taken; does nothing where it does. After a stop the samples go on."""
        if not self._recorder.is_running:
            self._recorder.start(self._destination())

    def stop(self) -> None:
        """Takes a last sample and ends, at once; does nothing where it does not monitor."""
        with self._lock:
            self._recorder.stop()

    def _take(self) -> None:
        with self._lock:
            self._recorder.read()

    def _destination(self) -> Sequence[str]:
        return ()

    def _wanted(self) -> str:
        return "heflwr:" + ",".join(name for name, is_wanted in self._metrics.wanted.items() if is_wanted)


class FileMonitor(_ProcessMonitor):
    """Appends each sample to a file as a line."""

    def __init__(self, file: str, interval: float = 5) -> None:
        super().__init__(interval)
        self.file = file
        self._owner = self.pid
        self._writer: Optional[threading.Thread] = None
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begins to monitor and to write; does nothing where it does already."""
        if self._recorder.is_running:
            return
        self._owner = os.getpid()
        # A file that cannot be written is told before anything runs.
        self._append(file_header())
        super().start()
        self._stopping.clear()
        self._writer = threading.Thread(target=self._write, name="resmon-file", daemon=True)
        self._writer.start()

    def stop(self) -> None:
        """Takes a last sample, writes it and ends, at once; does nothing where it does not monitor."""
        if self._writer is None:
            return
        self._stopping.set()
        self._writer.join()
        self._writer = None
        with self._lock:
            self._append("".join(map(file_line, self._recorder.stop())))

    def _write(self) -> None:
        while not self._stopping.wait(self.interval):
            self._take()

    def _take(self) -> None:
        with self._lock:
            self._append("".join(map(file_line, self._recorder.read())))

    # A forked child has no lines of its own.
    def _append(self, text: str) -> None:
        if text and os.getpid() == self._owner:
            with open(self.file, "a", encoding="utf-8") as file:
                file.write(text)


class PrometheusMonitor(_ProcessMonitor):
    """Serves the last sample to Prometheus while it runs, on ``http://address:port/metrics``, by resmon."""

    def __init__(self, port: int = 8003, interval: float = 5, address: str = "127.0.0.1") -> None:
        """:param address: ``"0.0.0.0"`` for scrapers on other machines."""
        super().__init__(interval)
        self.port = port
        self._address = address

    def _destination(self) -> Sequence[str]:
        return ["--to", f"prometheus:{self._address}:{self.port}", "--compat", self._wanted()]


class RemoteMonitor(_ProcessMonitor):
    """Posts each sample to a server, by resmon."""

    def __init__(self, host: str, interval: float = 5, identifier: Optional[str] = None, simple: bool = True) -> None:
        """:param host: ``"ip:port"``, or the same with ``http://`` before it.
        :param simple: only the message, to ``/simple_log``; else the whole record, to ``/log``.
        """
        super().__init__(interval)
        self.host = host
        self.identifier = random_identifier() if identifier is None else identifier
        self._simple = simple

    def _destination(self) -> Sequence[str]:
        url = self.host if "://" in self.host else f"http://{self.host}"
        url += "" if self._simple else "?simple=false"
        return ["--to", url, "--compat", self._wanted(), "--identifier", self.identifier]
