"""Marks the timeline of a program that resmon records: tags, phases, checkpoints, progress and logs.

It needs nothing but the standard library of Python 3.8 or newer, and may be copied into a project as one file. Where no
resmon records the program every call does nothing, and no call ever blocks or raises. The protocol is described in
docs/marks.md of resmon.
"""

import atexit
import functools
import inspect
import itertools
import json
import logging
import math
import os
import socket
import sys
import threading
import traceback
import uuid
from collections import deque
from json.encoder import encode_basestring as _quote
from time import asctime, monotonic, sleep, time
from types import FrameType, TracebackType
from typing import (
    Any,
    Callable,
    Deque,
    Dict,
    Iterable,
    Iterator,
    List,
    Optional,
    Sequence,
    Set,
    Sized,
    Tuple,
    Type,
    TypeVar,
    cast,
)

__all__ = [
    "Handler",
    "Progress",
    "checkpoint",
    "dropped",
    "log",
    "log_start_finish",
    "phase",
    "tag",
]

_Function = TypeVar("_Function", bound=Callable[..., Any])
_Item = TypeVar("_Item")

# What waits for resmon while it cannot take more, for each resmon.
_WAITING_LINES = 10_000
_WAITING_BYTES = 1 << 20
# Lines that are sent at once when there is room again.
_BATCH_BYTES = 1 << 16
_LINE_BYTES = 256 * 1024
_LOOK_SECONDS = 1.0
_EXIT_SECONDS = 0.2
_TURN_SECONDS = 0.01
_TURNS = 20

_NAME_LENGTH = 1000
_LIST_LENGTH = 100
# resmon takes 64 KiB, its own marks around them included.
_LOG_LENGTH = 60_000
_TABLE_ROWS = 1000
_DEPTH = 16
_PARTS = 10_000
_NOTE_LENGTH = 60
# Beyond it a number of JSON is not exact for most who read it.
_LARGEST_INTEGER = (1 << 53) - 1

# A peer that has gone must not end the program, also where it has SIGPIPE at default. On macOS that is an option of the socket.
_NO_SIGNAL = getattr(socket, "MSG_NOSIGNAL", 0)
_SO_NOSIGPIPE = 0x1022
_NO_WAITING = getattr(os, "O_NONBLOCK", 0)


# What is said, as JSON


def _text(value: object, length: int = _NAME_LENGTH) -> str:
    """Any object as a text, cut to a length."""
    if type(value) is not str:
        value = str.__str__(value) if isinstance(value, str) else _describe(value, str)
    return value if len(value) <= length else value[: length - 1] + "…"


def _describe(value: object, form: Callable[[object], str]) -> str:
    try:
        return str.__str__(form(value))
    except Exception as error:
        return f"<{type(value).__name__}: its text cannot be made: {type(error).__name__}>"


def _scalar(value: Any) -> Any:
    """What JSON has a word for as it is, numbers of NumPy as those of Python, and everything else as a text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, _LOG_LENGTH)
    if isinstance(value, int):
        return int(value) if abs(value) <= _LARGEST_INTEGER else _describe(value, str)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else _describe(value, float.__repr__)
    if type(value).__module__ == "numpy" and getattr(value, "ndim", None) == 0:
        return _scalar(value.item())
    return _text(value, _LOG_LENGTH)


def _plain(value: Any, depth: int = _DEPTH, room: Optional[Iterator[int]] = None) -> Any:
    """Any object as what JSON can say. What is too deep or too much is told as an ellipsis."""
    if room is None:
        room = iter(range(_PARTS))
    if next(room, None) is None:
        return "…"
    if isinstance(value, (dict, list, tuple, set, frozenset)):
        if depth == 0:
            return "…"
        first = itertools.islice(value, _PARTS)
        if isinstance(value, dict):
            return {_text(key): _plain(value[key], depth - 1, room) for key in list(first)}
        return [_plain(each, depth - 1, room) for each in list(first)]
    return _scalar(value)


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _attributes(attributes: Dict[str, Any]) -> str:
    """Attributes as a field of a mark. None is unknown, and so absent."""
    if not attributes:
        return ""
    told = {
        _text(name): _attribute(value)
        for name, value in itertools.islice(attributes.items(), _LIST_LENGTH)
        if value is not None
    }
    return f',"attributes":{_dump(told)}' if told else ""


def _attribute(value: Any) -> Any:
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_text(each) for each in itertools.islice(list(value), _LIST_LENGTH)]
    scalar = _scalar(value)
    return _text(scalar) if isinstance(scalar, str) else scalar


def _messages(values: Sequence[Any]) -> str:
    """The messages of a log as JSON, those that are too large cut."""
    room = _LOG_LENGTH
    told: List[str] = []
    for index, value in enumerate(values):
        if room < 2 * _NOTE_LENGTH:
            told.append(_quote(f"… (cut: {len(values) - index} more messages)"))
            break
        told.append(_message(value, room))
        room -= len(told[-1])
    return ",".join(told)


def _message(value: Any, room: int) -> str:
    """A part of a log as JSON: a text, a table or an object."""
    if isinstance(value, str):
        return _cut(value, room)
    table = _table(value)
    if table is not None:
        return _cut_table(*table, room)
    if value is None or isinstance(value, (bool, int, float, dict, list, tuple, set, frozenset)):
        whole = _dump({"json": _plain(value)})
        return whole if len(whole) <= room else _cut(whole, room)
    return _cut(_describe(value, str), room)


def _cut(text: str, room: int) -> str:
    """A text as JSON, which says so where it is cut."""
    told = _quote(text[:room])
    if len(text) <= room and len(told) <= room:
        return told
    # A character may take six in JSON.
    kept = room - _NOTE_LENGTH if len(told) <= room + 2 else room // 6 - _NOTE_LENGTH
    return _quote(f"{text[: max(0, kept)]}… (cut: {len(text)} characters in all)")


def _table(value: Any) -> Optional[Tuple[List[Any], List[Any]]]:
    """The columns and first rows of `{"columns", "rows"}`, a list of dictionaries or a data frame; None for anything else."""
    if isinstance(value, dict) and set(value) == {"columns", "rows"}:
        columns, rows = list(value["columns"]), iter(value["rows"])
    elif isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        columns = list(dict.fromkeys(name for row in value for name in row))
        rows = ([row.get(name) for name in columns] for row in value)
    elif hasattr(value, "itertuples") and hasattr(value, "columns"):
        columns, rows = list(value.columns), value.itertuples(index=False, name=None)
    else:
        return None
    return columns, [[_cell(cell) for cell in row] for row in itertools.islice(rows, _TABLE_ROWS + 1)]


def _cell(value: Any) -> Any:
    cell = _scalar(value)
    return _text(cell) if isinstance(cell, str) else cell


def _cut_table(columns: List[Any], rows: List[Any], room: int) -> str:
    """A table as JSON, which says so where rows are missing."""
    names = [_text(name) for name in columns]
    kept = min(len(rows), _TABLE_ROWS)
    while True:
        note = [] if kept == len(rows) else [[f"… (cut after {kept} rows)"] + [None] * (len(names) - 1)]
        whole = _dump({"table": {"columns": names, "rows": rows[:kept] + note}})
        if len(whole) <= room:
            return whole
        if kept == 0:
            return _cut(whole, room)
        kept = kept * room // (2 * len(whole))


# Who says it


class _Thread(threading.local):
    """What tells a thread of this process, as the end of a mark."""

    sign: Optional[str] = None


def _sign() -> str:
    sign = _thread.sign
    if sign is None:
        sign = _thread.sign = f',"pid":{os.getpid()},"tid":{threading.get_native_id()}}}\n'
    return sign


# Where it is said


class _Turn:
    """Lets one thread at a time do something. Nobody waits for it, and nothing leaves it taken.

    An exception of a signal handler may come at any place of the main thread, between taking and giving back too.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder = 0

    def run(self, action: Callable[[], None]) -> bool:
        """Calls the action, unless that is just being done: by another thread, or by what a signal handler has interrupted."""
        lock = self._lock
        if not lock.acquire(False):
            if self._is_left_taken(lock):
                self.__init__()  # type: ignore[misc]  # the same turn, to be taken again
            return False
        try:
            self._holder = threading.get_ident()
            action()
        finally:
            self._holder = 0
            lock.release()
        return True

    def _is_left_taken(self, lock: threading.Lock) -> bool:
        """Whether nobody will give it back: signal handlers run in the main thread alone, and it is doing nothing of this."""
        if threading.current_thread() is not threading.main_thread() or self._holder not in (0, threading.get_ident()):
            return False
        frame: Optional[FrameType] = sys._getframe(2)
        while frame is not None:
            if frame.f_code is _Turn.run.__code__ and frame.f_locals.get("self") is self:
                return False
            frame = frame.f_back
        # Another thread may have just taken it, or be about to give it back.
        if lock.acquire(timeout=_TURN_SECONDS):
            lock.release()
            return False
        return self._holder in (0, threading.get_ident())


class _Channel:
    """A connection to one resmon.

    Whoever makes a mark sends it, without waiting. While one thread sends, others leave their marks with it, and so does
    a signal handler that interrupts it.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.is_alive = True
        self._given_up = 0
        # What was given up since resmon was told of it.
        self._untold = 0
        self._turn = _Turn()
        self._socket: Optional[socket.socket] = None
        # Appending to a deque is whole, whatever else happens.
        self._left: Deque[bytes] = deque()
        self._refused: Deque[None] = deque()
        # What follows is for whoever has the turn.
        self._unsent = b""
        self._waiting: Deque[bytes] = deque()
        self._waiting_bytes = 0

    @property
    def dropped(self) -> int:
        return self._given_up + len(self._refused)

    def open(self) -> bool:
        """Connects, or says that nobody is there."""
        try:
            self._connect()
        except Exception:
            # Whatever stands in the address: who is not there is not told.
            self.close()
        return self.is_alive

    def send(self, line: bytes) -> bool:
        """Sends a line as soon as there is room. False where resmon is gone."""
        if len(self._left) < _WAITING_LINES:
            self._left.append(line)
        else:
            self.refuse()
        return self.drain()

    def refuse(self) -> None:
        """Counts a mark that could not be taken: the next that is sent tells of it."""
        self._refused.append(None)

    def drain(self) -> bool:
        """Sends what waits, as far as there is room. False where resmon is gone."""
        turns = _TURNS
        while self._turn.run(self._send_waiting) and self._left and turns > 0:
            turns -= 1
        return self.is_alive

    def flush(self, deadline: float) -> None:
        """Waits until all is sent, or the deadline."""
        while self.drain() and self._has_unsent() and monotonic() < deadline:
            sleep(0.002)
        self.close()
        self._tell_untold()

    def _tell_untold(self) -> None:
        """Says what was given up where there is no room to say it: in the file for shells, beside the socket."""
        kind, _, place = self.address.partition(":")
        if not self._untold or kind != "unix":
            return
        try:
            file = os.open(os.path.join(os.path.dirname(place), "marks"), os.O_WRONLY | os.O_APPEND | _NO_WAITING)
        except OSError:
            # resmon is gone, or a container has the socket alone.
            return
        try:
            os.write(file, self._untold_line())
        finally:
            os.close(file)

    def close(self) -> None:
        """Gives up what is not sent."""
        self.is_alive = False
        self._take_left()
        self._drop_connection()
        self._give_up(len(self._waiting))
        self._waiting_bytes = 0
        self._waiting.clear()

    def forget(self) -> None:
        """Leaves the connection to the process that this one was forked from."""
        connection, self._socket = self._socket, None
        if connection is not None:
            _close(connection)

    def _connect(self) -> None:
        kind, _, place = self.address.partition(":")
        if kind == "unix":
            self._socket = connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            target: Any = place
        elif kind == "tcp":
            where, _, token = place.partition("/")
            host, _, port = where.rpartition(":")
            self._socket = connection = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
            self._unsent = f'{{"kind":"hello","token":{_quote(token)}}}\n'.encode("utf-8", "backslashreplace")
            target = (host.strip("[]"), int(port))
        else:
            raise ValueError(f"Cannot use {self.address!r}: it starts with neither unix: nor tcp:")
        connection.settimeout(0)
        if sys.platform == "darwin":
            connection.setsockopt(socket.SOL_SOCKET, _SO_NOSIGPIPE, 1)
        try:
            connection.connect(target)
        except BlockingIOError:
            if kind == "unix":
                # Too many connect at once: the next mark tries again, and this one waits.
                connection.close()
                self._socket = None

    def _send_waiting(self) -> None:
        if not self.is_alive:
            return
        try:
            if self._socket is None:
                self._connect()
            # Others may leave theirs without end: they send what this leaves.
            for _ in range(_TURNS):
                unsent = self._unsent = self._unsent or self._next()
                if not unsent or self._socket is None:
                    return
                sent = self._socket.send(unsent, _NO_SIGNAL)
                if sent < len(unsent):
                    self._unsent = unsent[sent:]
                    continue
                self._unsent = b""
                if not (self._left or self._waiting or self._untold or self._refused):
                    return
        except BlockingIOError:
            self._take_left()
        except OSError as error:
            if isinstance(error, ConnectionError) or not self._is_connecting():
                self.close()
        except BaseException:
            # An exception of a signal handler: whether the lines were sent nobody knows, and half of one would spoil the next.
            self._drop_connection()
            raise

    def _next(self) -> bytes:
        """The lines to be sent next, b"" where there are none."""
        if self._waiting or self._untold or self._refused or len(self._left) > 1:
            self._take_left()
            return self._batch()
        return self._left.popleft() if self._left else b""

    def _is_connecting(self) -> bool:
        """Whether TCP is not yet connected, which Windows tells as an error of sending."""
        return self._unsent.startswith(b'{"kind":"hello"')

    def _drop_connection(self) -> None:
        connection, self._socket = self._socket, None
        self._give_up(self._unsent.count(b"\n"))
        self._unsent = b""
        if connection is not None:
            _close(connection)

    def _has_unsent(self) -> bool:
        return bool(self._unsent or self._waiting or self._left or self._untold)

    def _batch(self) -> bytes:
        lines: List[bytes] = []
        if self._untold:
            lines.append(self._untold_line())
        size = 0
        while self._waiting and size < _BATCH_BYTES:
            lines.append(self._waiting.popleft())
            size += len(lines[-1])
        self._waiting_bytes -= size
        return b"".join(lines)

    def _untold_line(self) -> bytes:
        count, self._untold = self._untold, 0
        return f'{{"kind":"dropped","count":{count}}}\n'.encode()

    def _take_left(self) -> None:
        while self._left:
            self._wait(self._left.popleft())
        while self._refused:
            self._refused.popleft()
            self._give_up(1)

    def _wait(self, line: bytes) -> None:
        if len(self._waiting) >= _WAITING_LINES or self._waiting_bytes + len(line) > _WAITING_BYTES:
            self._give_up(1)
        else:
            self._waiting.append(line)
            self._waiting_bytes += len(line)

    def _give_up(self, count: int) -> None:
        self._given_up += count
        self._untold += count


def _close(connection: socket.socket) -> None:
    try:
        # Where the program has closed all descriptors, the number may be that of another file by now.
        connection.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE)
        connection.close()
    except OSError:
        connection.detach()


class _Outlet:
    """All that record this process: the resmon around it, and those that are attached to it or to an ancestor."""

    def __init__(self) -> None:
        self.quiet_until = 0.0
        self._look_at = 0.0
        self._channels: List[_Channel] = []
        self._early: Deque[bytes] = deque()
        self._turn = _Turn()
        self._dropped = 0

    @property
    def dropped(self) -> int:
        return self._dropped + sum(channel.dropped for channel in self._channels)

    def look_soon(self) -> None:
        """Looks for those that record with the next mark, and no second later."""
        self.quiet_until = self._look_at = 0.0

    def refuse(self) -> None:
        """Counts a mark that could not be made."""
        for channel in self._channels:
            channel.refuse()
        if not self._channels:
            self._dropped += 1

    def send(self, text: str) -> None:
        line = text.encode("utf-8", "backslashreplace")
        now = monotonic()
        if len(line) > _LINE_BYTES:
            return self.refuse()
        if now < self._look_at and not self._early:
            return self._pass_on(line)
        # Whoever looks sends for all that come meanwhile.
        if len(self._early) < _WAITING_LINES:
            self._early.append(line)
        else:
            self.refuse()
        self._turn.run(self._look)

    def _pass_on(self, line: bytes) -> None:
        for channel in self._channels:
            if not channel.send(line):
                self._lose(channel)

    def _lose(self, channel: _Channel) -> None:
        self._channels = [each for each in self._channels if each is not channel]
        self._dropped += channel.dropped
        if not self._channels:
            self.quiet_until = self._look_at

    def _look(self) -> None:
        now = monotonic()
        if now >= self._look_at:
            self._find()
            self._look_at = now + _LOOK_SECONDS
            self.quiet_until = 0.0 if self._channels else self._look_at
        # Others may add without end: the next mark goes on with theirs.
        for _ in range(len(self._early)):
            self._pass_on(self._early.popleft())

    def _find(self) -> None:
        known = {channel.address for channel in self._channels}
        found = [_Channel(address) for address in _addresses() if address not in known]
        opened = [channel for channel in found if channel.open()]
        if opened and not self._channels:
            _flush_with_multiprocessing()
        self._channels = self._channels + opened

    def flush(self) -> None:
        """Gives what waits a last chance: at the end of a process."""
        deadline = monotonic() + _EXIT_SECONDS
        # Another thread may be looking for those that record, and have marks for them.
        while self._early and not self._turn.run(self._look) and monotonic() < deadline:
            sleep(0.002)
        channels, self._channels = self._channels, []
        for channel in channels:
            channel.flush(deadline)
            self._dropped += channel.dropped
        self.look_soon()

    def forget(self) -> None:
        """Starts anew in a forked child: connections, locks and what waits are the parent's."""
        for channel in self._channels:
            channel.forget()
        self.__init__()  # type: ignore[misc]  # the same object, which others refer to


def _addresses() -> List[str]:
    """Where marks go: to the resmon around the program, and to those that are attached."""
    around = os.environ.get("RESMON_ADDR")
    return list(dict.fromkeys(([around] if around else []) + _attachments()))


def _attachments() -> List[str]:
    """The addresses of the attachments to this process or an ancestor: folders `attach-<pid>-<pid of resmon>`."""
    found = [
        (name.split("-")[1], os.path.join(place, name))
        for place in _places()
        for name in _list(place)
        if name.startswith("attach-") and name.count("-") == 2
    ]
    if not found:
        return []
    family = _family()
    return [address for pid, folder in found if pid in family for address in _address_of(folder)]


def _places() -> List[str]:
    places = []
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime:
        places.append(os.path.join(runtime, "resmon"))
    if hasattr(os, "getuid"):
        places.append(f"/run/user/{os.getuid()}/resmon")
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    places.append(os.path.join(state, "resmon", socket.gethostname()))
    return list(dict.fromkeys(places))


def _list(folder: str) -> List[str]:
    try:
        return os.listdir(folder)
    except OSError:
        # Nobody is attached by way of it.
        return []


def _address_of(folder: str) -> List[str]:
    """The address in the folder of an attachment, none where it is somebody else's."""
    try:
        if hasattr(os, "geteuid") and os.stat(folder).st_uid not in (0, os.geteuid()):
            return []
        if sys.platform != "win32":
            return ["unix:" + os.path.join(folder, "socket")]
        with open(os.path.join(folder, "address"), encoding="utf-8") as file:
            return [file.read().strip()]
    except OSError:
        # It has just ended.
        return []


def _family() -> Set[str]:
    """The pids of this process and its ancestors, as far as the system tells them."""
    family: Set[str] = set()
    pid = str(os.getpid())
    try:
        while pid != "0" and pid not in family:
            family.add(pid)
            with open(f"/proc/{pid}/stat", "rb") as file:
                # The name may hold anything: the state and the parent follow the last bracket.
                pid = file.read().rpartition(b")")[2].split()[1].decode()
    except (OSError, IndexError):
        family.add(str(os.getppid()))
    return family


_thread = _Thread()
_outlet = _Outlet()
# From anywhere: in two containers processes may have the same number.
_span_numbers = itertools.count(int.from_bytes(os.urandom(4), "big"))


def _start_anew() -> None:
    global _thread
    _thread = _Thread()
    _outlet.forget()


def _flush_at_exit() -> None:
    try:
        _outlet.flush()
    except Exception:
        # What cannot be told at the end of the interpreter is lost with it.
        _outlet.refuse()


def _flush_with_multiprocessing() -> None:
    """Its forked children end without the functions of `atexit`."""
    util = sys.modules.get("multiprocessing.util")
    if util is not None:
        util.Finalize(None, _flush_at_exit, exitpriority=-100)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_anew)
atexit.register(_flush_at_exit)


def _tell(kind: str, fields: str, attributes: Optional[Dict[str, Any]] = None, when: Optional[float] = None) -> None:
    """Sends a mark, of this moment unless another is given. `fields` is JSON, to follow the kind."""
    told = _attributes(attributes) if attributes else ""
    moment = time() if when is None else when
    _outlet.send(f'{{"kind":"{kind}"{fields}{told},"time":{moment:.6f}{_sign()}')


def _name(value: object) -> str:
    """A name as a field of a mark."""
    text = value if type(value) is str and len(value) <= _NAME_LENGTH else _text(value)
    return f',"name":{_quote(text)}'


def _is_quiet() -> bool:
    """Whether nobody listens."""
    return _outlet.quiet_until > monotonic()


# What programs say. Nothing that is told may be an error of the program, whatever it is: what cannot be told is counted.


def dropped() -> int:
    """How many marks of this process were given up: resmon took no more of them, or they could not be told."""
    return _outlet.dropped


def tag(label: object, /, **attributes: Any) -> None:
    """Marks an instant: `tag("warm", batch=32)`."""
    if _outlet.quiet_until > monotonic():
        return
    try:
        _tell("tag", _name(label), attributes)
    except Exception:
        _outlet.refuse()


def checkpoint(*names: object, **attributes: Any) -> None:
    """Marks a step, by one name or several: `checkpoint("step", 3)`."""
    if _is_quiet():
        return
    try:
        texts = [_text(name) for name in names[:_LIST_LENGTH]]
        _tell("checkpoint", f'{_name(" ".join(texts))},"names":{_dump(texts)}', attributes)
    except Exception:
        _outlet.refuse()


class phase:
    """An interval: a context manager, a decorator of functions, coroutines and generators, or `start()` and `end()`.

    It may be entered again before it has ended. What ends by an exception is told as failed.

        with phase("epoch", number=1):
            ...
    """

    def __init__(self, name: object, /, **attributes: Any) -> None:
        self.name = name
        self.attributes = attributes
        self._open: List[Tuple[int, int, str]] = []

    def start(self) -> "phase":
        pid = os.getpid()
        span = f"{pid}-{next(_span_numbers)}"
        self._open.append((pid, threading.get_ident(), span))
        self._tell("phase_start", span, self.attributes)
        return self

    def end(self, error: Optional[str] = None) -> None:
        """Ends what this thread has started last. `error` says that it failed, and by what."""
        opened = self._close()
        # Where a child was forked within, the phase is the parent's to end.
        if opened is not None and opened[0] == os.getpid():
            self._tell("phase_end", opened[2], {} if error is None else {"error": error})

    def _tell(self, kind: str, span: str, attributes: Dict[str, Any]) -> None:
        if _is_quiet():
            return
        try:
            _tell(kind, f'{_name(self.name)},"span":"{span}"', attributes)
        except Exception:
            _outlet.refuse()

    def _close(self) -> Optional[Tuple[int, int, str]]:
        own = threading.get_ident()
        for index in range(len(self._open) - 1, -1, -1):
            if self._open[index][1] == own:
                return self._open.pop(index)
        # It was started by another thread.
        return self._open.pop() if self._open else None

    def __enter__(self) -> "phase":
        return self.start()

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        self.end(_failure(error))

    def __call__(self, function: _Function) -> _Function:
        return cast(_Function, _within(function, lambda: phase(self.name, **self.attributes)))


def _failure(error: Optional[BaseException]) -> Optional[str]:
    """What a phase failed by; None where it did not, as in a generator that nobody reads to its end."""
    if error is None or isinstance(error, GeneratorExit):
        return None
    if isinstance(error, SystemExit) and error.code in (None, 0):
        return None
    return type(error).__name__


def _within(function: Any, make: Callable[[], Any]) -> Any:
    """A function that runs within a context of its own for each call, of whatever kind it is."""

    @functools.wraps(function)
    def call(*args: Any, **named: Any) -> Any:
        with make():
            return function(*args, **named)

    @functools.wraps(function)
    async def call_coroutine(*args: Any, **named: Any) -> Any:
        with make():
            return await function(*args, **named)

    @functools.wraps(function)
    def call_generator(*args: Any, **named: Any) -> Any:
        with make():
            return (yield from function(*args, **named))

    @functools.wraps(function)
    async def call_async_generator(*args: Any, **named: Any) -> Any:
        items = function(*args, **named)
        with make():
            try:
                # As `yield from` does, which there is not for these: what is sent or thrown in is the function's to take.
                item = await items.__anext__()
                while True:
                    try:
                        sent = yield item
                    except GeneratorExit:
                        raise
                    except BaseException as error:
                        item = await items.athrow(error)
                    else:
                        item = await items.asend(sent)
            except StopAsyncIteration:
                return
            finally:
                await items.aclose()

    if inspect.isasyncgenfunction(function):
        return call_async_generator
    if inspect.isgeneratorfunction(function):
        return call_generator
    return call_coroutine if inspect.iscoroutinefunction(function) else call


_LEVELS = ("debug", "info", "warning", "error", "critical")


def _level(level: object) -> str:
    """The name of a level, given by it or as a number of `logging`."""
    if isinstance(level, int):
        return _LEVELS[min(4, max(0, level // 10 - 1))]
    name = _text(level).lower()
    return {"warn": "warning", "fatal": "critical"}.get(name, name if name in _LEVELS else "info")


def log(level: object, /, *messages: Any, name: str = "") -> None:
    """Tells texts, tables (a data frame, a list of dictionaries, `{"columns", "rows"}`) and objects, 60,000 characters in all.

    `level` is a name or a number of `logging`, `name` that of the logger.
    """
    if _is_quiet():
        return
    try:
        caller = sys._getframe(1)
        fields = _log_fields(level, messages, name)
        _tell("log", f"{fields}{_place(caller.f_code.co_filename, caller.f_lineno)}")
    except Exception:
        _outlet.refuse()


def _log_fields(level: object, messages: Sequence[Any], name: object) -> str:
    return f'{_name(name)},"level":"{_level(level)}","messages":[{_messages(messages)}]'


def _place(path: str, line: int) -> str:
    return f',"path":{_quote(_text(path))},"line":{int(line)}'


class Handler(logging.Handler):
    """Sends the records of `logging` to resmon: `logging.getLogger().addHandler(resmon.Handler())`.

    `logging.info("text", table)`, whose text has no place for the table, tells several messages. The other handlers of that
    logger, such as the one that prints, then complain on stderr ("--- Logging error ---"), for logging formats `text % args` in
    each of them: `resmon.log("info", "text", table)` is for tables and objects.
    """

    def emit(self, record: logging.LogRecord) -> None:
        if _is_quiet():
            return
        try:
            fields = _log_fields(record.levelno, _messages_of(record), record.name)
            _tell("log", f"{fields}{_place(record.pathname, record.lineno)}", when=record.created)
        except Exception:
            _outlet.refuse()


def _messages_of(record: logging.LogRecord) -> List[Any]:
    messages = _format(record.msg, record.args)
    if record.exc_info and record.exc_info[0] is not None:
        messages.append("".join(traceback.format_exception(*record.exc_info)).rstrip())
    if record.stack_info:
        messages.append(record.stack_info)
    return messages


def _format(message: Any, args: Any) -> List[Any]:
    """A message with its arguments in it, or before them where it has no places for them."""
    if not args:
        return [message]
    apart = [message, *(args if isinstance(args, tuple) else [args])]
    if not isinstance(message, str):
        return apart
    try:
        return [message % args]
    except Exception:
        # It has other places, or a "%" that is none.
        return apart


class Progress:
    """How far something is: `Progress(100, "files")`, and `advance()` for each. The total may be unknown.

    Processes may share one by pickling or forking: resmon adds up what each of them advances. What it knows itself
    (`completed`, `rate`, `eta`) is what was done through this copy.
    """

    def __init__(self, total: Optional[float] = None, message: object = "") -> None:
        self.id = uuid.uuid4().hex
        self.total = _amount(total) or None
        self.message = _text(message)
        self._start = time()
        # Each thread adds to a number of its own: none is lost, and nobody waits for a lock.
        self._base: float = 0
        self._steps: Dict[int, float] = {}
        whole = "" if self.total is None else f',"total":{self.total}'
        self._tell(f"{_name(self.message)}{whole}")

    @classmethod
    def of(cls, items: Iterable[_Item], message: object = "") -> Iterator[_Item]:
        """Hands over the items, and advances with each that was dealt with."""
        total = len(items) if isinstance(items, Sized) else None
        with cls(total, message) as progress:
            for item in items:
                yield item
                progress.advance()

    @property
    def completed(self) -> float:
        return self._base + sum(list(self._steps.values()))

    @property
    def rate(self) -> Optional[float]:
        """What is done in a second, in the mean since the start; None before anything is."""
        seconds = time() - self._start
        return self.completed / seconds if seconds > 0 and self.completed > 0 else None

    @property
    def eta(self) -> Optional[float]:
        """Seconds to go at this rate; None where the total or the rate is not known."""
        rate = self.rate
        return None if self.total is None or rate is None else max(0.0, self.total - self.completed) / rate

    def advance(self, step: float = 1) -> None:
        """Adds to what is done. Nothing is ever taken away."""
        amount = _amount(step)
        if amount:
            own = threading.get_ident()
            self._steps[own] = self._steps.get(own, 0) + amount
            self._tell(f',"advance":{amount}')

    def update(self, completed: float) -> None:
        """Says how much is done in all. It never goes back."""
        amount = _amount(completed)
        if amount is not None and amount > self.completed:
            self._base, self._steps = amount, {}
            self._tell(f',"completed":{amount}')

    def complete(self) -> None:
        """Ends it: all is done."""
        if self.total is not None and self.total > self.completed:
            self._base, self._steps = self.total, {}
        self._tell(',"state":"done"')

    def fail(self) -> None:
        """Ends it where it stands."""
        self._tell(',"state":"failed"')

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        if _failure(error) is None:
            self.complete()
        else:
            self.fail()

    def _tell(self, fields: str) -> None:
        if _is_quiet():
            return
        try:
            _tell("progress", f',"span":"{self.id}"{fields}')
        except Exception:
            _outlet.refuse()


def _amount(value: Any) -> Optional[float]:
    """A number of 0 or more as JSON can say it, also one of NumPy; None for anything else."""
    try:
        number = float(value)
    except Exception:
        # Whatever it is: nothing was done.
        return None
    if not 0 <= number <= _LARGEST_INTEGER:
        return None
    return int(number) if number.is_integer() else number


def log_start_finish(function: _Function) -> _Function:
    """Prints when a function starts and finishes, with its arguments and how long it took, and marks a phase of its name."""

    @functools.wraps(function)
    def call(*args: Any, **named: Any) -> Any:
        with _Announced(function, args, named):
            return function(*args, **named)

    @functools.wraps(function)
    async def call_coroutine(*args: Any, **named: Any) -> Any:
        with _Announced(function, args, named):
            return await function(*args, **named)

    wrapped: Any = call_coroutine if inspect.iscoroutinefunction(function) else call
    return cast(_Function, wrapped)


class _Announced(phase):
    """A phase that is printed: one line at its start and one at its end, each written at once."""

    def __init__(self, function: Callable[..., Any], args: Tuple[Any, ...], named: Dict[str, Any]) -> None:
        super().__init__(getattr(function, "__name__", "function"))
        words = [*map(_short, args), *(f"{name}={_short(value)}" for name, value in named.items())]
        self._call = f"{self.name}({', '.join(words)})"
        self._started = 0.0

    def start(self) -> phase:
        self._started = monotonic()
        print(f"{asctime()}: {self._call} started.\n", end="")
        return super().start()

    def end(self, error: Optional[str] = None) -> None:
        super().end(error)
        how = "" if error is None else f": failed by {error}"
        print(f"{asctime()}: {self._call} finished in {monotonic() - self._started:.2f} seconds{how}.\n", end="")


def _short(value: Any) -> str:
    """An argument in ten characters, an array or a table by its shape."""
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and shape:
        return f"{type(value).__name__.lower()}({', '.join(map(str, shape))})"
    text = _text(value)
    return text if len(text) <= 10 else f"{text[:9]}…"
