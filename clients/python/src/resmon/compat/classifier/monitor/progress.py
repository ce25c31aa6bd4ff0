"""pyml's progress trackers."""

import time
from types import TracebackType
from typing import Optional, Tuple, Type, Union

from resmon import marks
from resmon.marks import _name

__all__ = ["Progress", "ProgressTracker"]

MessageType = Union[str, Tuple[str, ...]]


class ProgressTracker:
    """How far a job is. It may be sent to other processes: what each of them advances is added up."""

    def __init__(self, msg: MessageType, total: int) -> None:
        self.msg = msg
        self.total = total
        self._progress = marks.Progress(total, _text(msg))

    def update(self, completed: int, msg: Optional[MessageType] = None) -> None:
        """Says how much is done in all; what is not more than before changes nothing but the message."""
        self._say(msg)
        self._progress.update(completed)

    def advance(self, step: int = 1, msg: Optional[MessageType] = None, distributed: bool = False) -> None:
        """Adds to what is done; 0 and less add nothing. It is always added up over all processes, ``distributed`` or not."""
        self._say(msg)
        self._progress.advance(step)

    def complete(self) -> None:
        """Ends it, all done."""
        self._progress.complete()

    @property
    def is_finished(self) -> bool:
        """Whether all is done, as far as this process knows."""
        return self._progress.completed >= self.total

    @property
    def estimate(self) -> Optional[float]:
        """The Unix time at which it will be done, at the rate so far; None before anything is done."""
        eta = self._progress.eta
        return None if eta is None else time.time() + eta

    def __enter__(self) -> "ProgressTracker":
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        # What ends by an exception is not all done: it is told as failed.
        self._progress.__exit__(kind, error, trace)

    def _say(self, msg: Optional[MessageType]) -> None:
        if msg is not None and msg != self.msg:
            self.msg = msg
            self._progress._tell(_name(_text(msg)))


class Progress:
    """Makes trackers."""

    @classmethod
    def new(cls, total: int, msg: MessageType = "") -> ProgressTracker:
        """A tracker of so many steps; several messages are joined by ``|``."""
        return ProgressTracker(msg, total)


def _text(msg: MessageType) -> str:
    return msg if isinstance(msg, str) else "|".join(msg)
