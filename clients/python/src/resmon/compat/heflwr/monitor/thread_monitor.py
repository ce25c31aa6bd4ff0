"""heflwr's monitors that sample in a thread of the watched process."""

import threading
import time
from typing import IO, Optional

from resmon.compat.heflwr._base import BaseMonitor
from resmon.compat.heflwr._exporter import Exporter
from resmon.compat.heflwr._format import file_header, file_line, message
from resmon.compat.heflwr._poster import FormPoster
from resmon.compat.heflwr._reader import OwnReader
from resmon.compat.heflwr._remote import Remote
from resmon.compat.heflwr._samples import Sample

__all__ = ["FileMonitor", "PrometheusMonitor", "RemoteMonitor"]


class _ThreadMonitor(BaseMonitor):
    def __init__(self, interval: float) -> None:
        super().__init__(interval)
        self._thread: Optional[threading.Thread] = None
        self._stopping = threading.Event()

    def set_metrics(self, **kwargs: bool) -> None:
        """Turns ``cpu``, ``memory``, ``network`` and ``power`` on or off, also while monitoring."""
        self._metrics.wanted = self._metrics.with_changes(**kwargs)

    def start(self) -> None:
        """Begins to monitor; does nothing where it does already. After a stop the samples go on."""
        if self._thread is not None:
            return
        self._open()
        reader = OwnReader()
        reader.tell_missing(self._metrics.wanted["power"])
        self._samples.memory_total = reader.memory_total
        self._samples.begin()
        self._samples.add(reader.read(power=True))
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, args=[reader], name="resmon-monitor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Takes a last sample and ends, at once; does nothing where it does not monitor."""
        if self._thread is None:
            return
        self._stopping.set()
        self._thread.join()
        self._thread = None
        self._close()

    def _run(self, reader: OwnReader) -> None:
        due = time.monotonic()
        while True:
            # Absolute deadlines, late ones left out: the time that a sample takes is no drift.
            due += self.interval * max(1, -(-(time.monotonic() - due) // self.interval))
            is_last = self._stopping.wait(max(0.0, due - time.monotonic()))
            sample = self._samples.add(reader.read(self._metrics.wanted["power"]))
            if sample is not None:
                self._receive(sample)
            if is_last:
                return

    def _open(self) -> None:
        raise NotImplementedError

    def _receive(self, sample: Sample) -> None:
        raise NotImplementedError

    def _close(self) -> None:
        raise NotImplementedError


class FileMonitor(_ThreadMonitor):
    """Appends each sample to a file as a line."""

    def __init__(self, file: str, interval: float = 5) -> None:
        super().__init__(interval)
        self.file = file
        self._out: Optional[IO[str]] = None

    def _open(self) -> None:
        self._out = open(self.file, "a", encoding="utf-8")
        self._out.write(file_header())

    def _receive(self, sample: Sample) -> None:
        if self._out is not None:
            self._out.write(file_line(sample))
            self._out.flush()

    def _close(self) -> None:
        if self._out is not None:
            self._out.close()


class PrometheusMonitor(_ThreadMonitor):
    """Serves the last sample to Prometheus while it runs, on ``http://address:port/metrics``."""

    def __init__(self, port: int = 8003, interval: float = 5, address: str = "127.0.0.1") -> None:
        """:param address: ``"0.0.0.0"`` for scrapers on other machines."""
        super().__init__(interval)
        self.port = port
        self._address = address
        self._exporter: Optional[Exporter] = None

    def _open(self) -> None:
        self._exporter = Exporter(self._address, self.port)

    def _receive(self, sample: Sample) -> None:
        if self._exporter is not None:
            self._exporter.show(sample)

    def _close(self) -> None:
        if self._exporter is not None:
            self._exporter.close()


class RemoteMonitor(_ThreadMonitor):
    """Posts each sample to a server, in the background."""

    def __init__(self, host: str, interval: float = 5, identifier: Optional[str] = None, simple: bool = True) -> None:
        """:param host: ``"ip:port"``, or the same with ``http://`` before it.
        :param simple: only the message, to ``/simple_log``; else the whole record, to ``/log``.
        """
        super().__init__(interval)
        self.host = host
        self._remote = Remote(FormPoster(host), identifier, simple)
        self.identifier = self._remote.identifier

    def _open(self) -> None:
        pass

    def _receive(self, sample: Sample) -> None:
        self._remote.send(message(sample))

    def _close(self) -> None:
        self._remote.close()
