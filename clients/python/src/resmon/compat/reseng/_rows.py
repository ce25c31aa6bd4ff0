"""reseng's table: one row a sample, rates over real time."""

import csv
import io
from typing import List, NamedTuple, Optional, Sequence

from resmon._log_reader import Tick


class Row(NamedTuple):
    """A row, in reseng's order; None is not known."""

    #: Seconds since the first row.
    elapsed: float
    #: Unix seconds.
    time: float
    #: Percent of one core.
    cpu: Optional[float]
    #: Resident bytes.
    memory: Optional[float]
    # Bytes a second: from and to the storage, and through all system calls.
    read_bytes: Optional[float]
    read_chars: Optional[float]
    write_bytes: Optional[float]
    write_chars: Optional[float]


def rows_of(ticks: Sequence[Tick]) -> List[Row]:
    """The rows of a recording. Each needs the sample before: the first makes none."""
    rows = []
    for before, tick in zip(ticks, ticks[1:]):
        seconds = tick.elapsed - before.elapsed
        if seconds <= 0:
            continue
        cpu = _rate(before, tick, "cpu_seconds_total")
        rows.append(
            Row(
                tick.time - ticks[1].time,
                tick.time,
                None if cpu is None else 100 * cpu,
                tick.values.get("memory_rss_bytes"),
                _rate(before, tick, "storage_read_bytes_total"),
                _rate(before, tick, "syscall_read_bytes_total"),
                _rate(before, tick, "storage_write_bytes_total"),
                _rate(before, tick, "syscall_write_bytes_total"),
            )
        )
    return rows


def write_csv(rows: Sequence[Row]) -> str:
    """The rows as CSV, as pandas writes them with ``elapsed`` as the index; what is not known is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Row._fields)
    writer.writerows(rows)
    return text.getvalue()


def read_csv(text: str) -> List[Row]:
    """Reads :func:`write_csv`'s text, or that of reseng itself. Raises ValueError and TypeError where it is none."""
    table = csv.DictReader(io.StringIO(text))
    if table.fieldnames is None or set(Row._fields) - set(table.fieldnames):
        raise ValueError(f"its columns are not {', '.join(Row._fields)}")
    return [_row([_number(line[name]) for name in Row._fields]) for line in table]


def _row(cells: List[Optional[float]]) -> Row:
    elapsed, time, *values = cells
    if elapsed is None or time is None:
        raise ValueError("a row has no time")
    return Row(elapsed, time, *values)


def _number(cell: Optional[str]) -> Optional[float]:
    return float(cell) if cell else None


def _rate(before: Tick, tick: Tick, name: str) -> Optional[float]:
    first, second = before.values.get(name), tick.values.get(name)
    if first is None or second is None:
        return None
    # A counter that steps back was made anew.
    return max(0.0, second - first) / (tick.elapsed - before.elapsed)
