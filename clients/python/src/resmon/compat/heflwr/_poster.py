"""Posts forms to a server in the background: bounded, and again and again while the server is away."""

import http.client
import os
import threading
import time
from collections import deque
from typing import Any, Deque, Dict, Optional, Tuple
from urllib.parse import urlencode

from resmon._warning import warn

_SCHEME = "http://"
_MAX_WAITING = 1000
_ANSWER_SECONDS = 5.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0

_FORM = {"Content-type": "application/x-www-form-urlencoded"}


class FormPoster:
    """Sends forms to one server, in order; the newest are kept while it is away, up to a thousand."""

    def __init__(self, host: str) -> None:
        """:param host: ``"ip:port"``, or the same with ``http://`` before it."""
        self.host = host[len(_SCHEME) :].rstrip("/") if host.startswith(_SCHEME) else host
        self._lock = threading.Condition()
        self._thread: Optional[threading.Thread] = None
        self._closing: Optional[float] = None
        self._dropped = 0
        self._begin()

    def post(self, path: str, form: Dict[str, Any]) -> None:
        """Sends a form soon; returns at once."""
        body = urlencode(form).encode()
        with self._lock:
            if self._owner != os.getpid():
                self._begin()  # A forked child has no thread, and what waits is its parent's to send.
            if len(self._waiting) == _MAX_WAITING:
                self._waiting.popleft()
                self._dropped += 1
            self._waiting.append((path, body))
            self._lock.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="resmon-poster", daemon=True)
                self._thread.start()

    def close(self, seconds: float = 5.0) -> None:
        """Sends what waits, so many seconds at most, and warns of what could not be sent."""
        with self._lock:
            self._closing = time.monotonic() + seconds
            self._lock.notify()
        if self._thread is not None and self._owner == os.getpid():
            self._thread.join(seconds + 1)
        with self._lock:
            lost = self._dropped + len(self._waiting)
            self._begin()
        if lost:
            records = "1 record was" if lost == 1 else f"{lost} records were"
            warn(f"{records} not sent to {self.host}, which did not answer")

    def _begin(self) -> None:
        self._owner = os.getpid()
        self._waiting: Deque[Tuple[str, bytes]] = deque()
        self._thread = self._closing = None
        self._dropped = 0

    def _run(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            with self._lock:
                while not self._waiting and self._closing is None:
                    self._lock.wait()
                if not self._waiting or self._is_late():
                    return
                form = self._waiting[0]
            if self._send(*form):
                pause = _FIRST_PAUSE
                continue
            with self._lock:
                if self._closing is None:
                    self._lock.wait_for(lambda: self._closing is not None, pause)
                else:
                    self._lock.wait(max(0.0, min(pause, self._closing - time.monotonic())))
            pause = min(2 * pause, _LONGEST_PAUSE)

    # Whatever the server answers, it has the record.
    def _send(self, path: str, body: bytes) -> bool:
        connection = http.client.HTTPConnection(self.host, timeout=_ANSWER_SECONDS)
        try:
            connection.request("POST", path, body, _FORM)
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        with self._lock:
            # It may have been dropped for a newer one meanwhile.
            if self._waiting and self._waiting[0][1] is body:
                self._waiting.popleft()
        return True

    def _is_late(self) -> bool:
        return self._closing is not None and time.monotonic() > self._closing
