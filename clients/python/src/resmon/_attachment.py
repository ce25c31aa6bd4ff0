"""Sends marks to one resmon that is attached to a process, and to no other."""

import json
import os
import time
from typing import Any, Dict, Optional

from resmon.marks import _address_of, _Channel, _places

_FLUSH_SECONDS = 0.2


class Attachment:
    """The way to one attached resmon, by its private folder ``attach-<pid of the process>-<pid of resmon>``."""

    def __init__(self, pid: int, recorder: int) -> None:
        self._name = f"attach-{pid}-{recorder}"
        self._channel: Optional[_Channel] = None
        self._owner = os.getpid()

    def send(self, mark: Dict[str, Any]) -> bool:
        """Sends a mark as soon as there is room. False where resmon is gone."""
        if self._owner != os.getpid() and self._channel is not None:
            self._channel.forget()  # A forked child has a connection of its own.
            self._channel = None
        self._channel = self._channel or self._open()
        self._owner = os.getpid()
        if self._channel is None:
            return False
        return self._channel.send(json.dumps(mark, default=str).encode() + b"\n")

    def close(self) -> None:
        """Sends what waits, for a moment."""
        if self._channel is not None and self._owner == os.getpid():
            self._channel.flush(time.monotonic() + _FLUSH_SECONDS)
        self._channel = None

    def _open(self) -> Optional[_Channel]:
        for place in _places():
            folder = os.path.join(place, self._name)
            for address in _address_of(folder):
                channel = _Channel(address)
                if channel.open():
                    return channel
        return None
