"""Reads the log of a recording, also while it grows."""

import json
from typing import Any, Dict, List, NamedTuple, Optional


class Tick(NamedTuple):
    """What was read at one instant: every series that is known, by its name with labels."""

    time: float
    elapsed: float
    values: Dict[str, float]


class LogReader:
    """Gives the ticks of a ``log.jsonl`` as they come; a line that is still being written is left for the next time."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.session: Dict[str, Any] = {}
        self.end: Optional[Dict[str, Any]] = None
        self._columns: Dict[str, List[str]] = {}
        self._offset = 0

    def read(self) -> List[Tick]:
        """The ticks since the last call; none where the log is not there yet."""
        try:
            # A file that was kept open would be read on by forked children as well.
            with open(self.path, "rb") as file:
                file.seek(self._offset)
                text = file.read()
        except FileNotFoundError:
            return []
        whole = text[: text.rfind(b"\n") + 1]
        self._offset += len(whole)
        ticks = [self._take(json.loads(line)) for line in whole.splitlines()]
        return [tick for tick in ticks if tick is not None]

    def _take(self, record: Dict[str, Any]) -> Optional[Tick]:
        kind = record["type"]
        if kind == "tick":
            return Tick(record["time"], record["elapsed"], self._named(record["values"]))
        if kind == "columns":
            self._columns[record["collector"]] = record["series"]
        elif kind == "session":
            self.session = record
        elif kind == "end":
            self.end = record
        return None

    def _named(self, values: Dict[str, List[Optional[float]]]) -> Dict[str, float]:
        return {
            name: value
            for collector, row in values.items()
            for name, value in zip(self._columns[collector], row)
            if value is not None
        }


def read_lost(path: str) -> List[str]:
    """What is missing in a log that has ended, or did not get where it was sent to, in resmon's words."""
    try:
        with open(path, "rb") as file:
            records = [json.loads(line) for line in file if b'"state":"lost"' in line]
    except FileNotFoundError:
        # It was removed with its folder: nobody misses anything in it.
        return []
    return [record["reason"] for record in records if record["type"] == "status" and record["state"] == "lost"]
