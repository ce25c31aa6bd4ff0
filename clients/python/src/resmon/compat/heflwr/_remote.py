"""heflwr's two kinds of posts: the message alone, or a whole record of the log."""

import logging
import uuid
from typing import Any, Dict, Optional

from resmon.compat.heflwr._poster import FormPoster

_RECORD_FORMAT = logging.Formatter("%(levelname)s %(name)s %(asctime)s | %(filename)s:%(lineno)d | %(message)s")


def form_of(record: logging.LogRecord, identifier: str, simple: bool) -> Dict[str, Any]:
    """What is posted of a record: ``identifier`` and ``message``, or ``identifier`` and every field."""
    if simple:
        return {"identifier": identifier, "message": record.getMessage()}
    _RECORD_FORMAT.format(record)  # Adds the fields `message` and `asctime`.
    return {"identifier": identifier, **record.__dict__}


def path_of(simple: bool) -> str:
    """Where it is posted to."""
    return "/simple_log" if simple else "/log"


class Remote:
    """Posts messages under an identifier; a random one where it is None."""

    def __init__(self, poster: FormPoster, identifier: Optional[str], simple: bool) -> None:
        self.identifier = random_identifier() if identifier is None else identifier
        self._poster = poster
        self._simple = simple

    def send(self, text: str) -> None:
        """Posts a text, soon."""
        record = logging.LogRecord("HeFlwr", logging.INFO, "remote_monitor.py", 0, text, None, None)
        self._poster.post(path_of(self._simple), form_of(record, self.identifier, self._simple))

    def close(self) -> None:
        """Posts what waits, 5 s at most."""
        self._poster.close()


def random_identifier() -> str:
    """The identifier of a monitor that was given none."""
    return f"remote-monitor-{uuid.uuid4().hex}"
