"""heflwr's log: one logger for the program, to stdout, and to a file and a server on demand."""

import logging
import os
import warnings
from typing import Dict, Optional, Tuple

from resmon.compat._stdout import StdoutHandler
from resmon.compat.heflwr._poster import FormPoster
from resmon.compat.heflwr._remote import form_of, path_of

__all__ = ["configure", "log", "logger"]

_FORMAT = "%(levelname)s %(name)s %(asctime)s | %(filename)s:%(lineno)d | %(message)s"

#: The logger ``HeFlwr``; it prints to stdout.
logger = logging.getLogger("HeFlwr")
logger.setLevel(logging.DEBUG)

log = logger.log


class _FormHandler(logging.Handler):
    """Posts records in the background."""

    def __init__(self, identifier: str, host: str, simple: bool) -> None:
        super().__init__(logging.DEBUG)
        self._identifier = identifier
        self._simple = simple
        self._poster = FormPoster(host)

    def emit(self, record: logging.LogRecord) -> None:
        self._poster.post(path_of(self._simple), form_of(record, self._identifier, self._simple))

    def close(self) -> None:
        # logging.shutdown() calls it at the end of the program.
        self._poster.close(1.0)
        super().close()


_configured: Dict[Tuple[str, ...], logging.Handler] = {}


def configure(identifier: str, file: Optional[str] = None, host: Optional[str] = None, simple: Optional[bool] = None) -> None:
    """Logs to a file and a server as well, under an identifier; the same once more changes nothing.

    :param host: ``"ip:port"``, or the same with ``http://`` before it: whole records to ``/log``, or only messages, with
        ``simple``, to ``/simple_log``.
    """
    if file:
        path = os.path.abspath(file)
        if ("file", identifier, path) not in _configured:
            _add(("file", identifier, path), _file_handler(path, identifier))
    if host:
        if ("host", identifier, host) not in _configured:
            _add(("host", identifier, host), _FormHandler(identifier, host, bool(simple)))
    elif simple is not None:
        warnings.warn("Simple mode is specified without a host. No HTTP handler will be added.", UserWarning, stacklevel=2)


def _file_handler(path: str, identifier: str) -> logging.Handler:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    handler = logging.FileHandler(path)
    handler.setFormatter(logging.Formatter(f"{identifier} | {_FORMAT}"))
    return handler


def _add(key: Tuple[str, ...], handler: logging.Handler) -> None:
    _configured[key] = handler
    logger.addHandler(handler)


_add(("stdout",), StdoutHandler(logging.Formatter(_FORMAT)))
