"""reseng's four panels. Importing it needs matplotlib."""

from typing import Any, List, Sequence, Tuple

from matplotlib import pyplot
from matplotlib.ticker import FuncFormatter

from resmon.compat.reseng._rows import Row

_KIBI = 1024


def draw(rows: Sequence[Row], tags: Sequence[Tuple[float, str]]) -> None:
    """Draws CPU, memory, reading and writing over time, with the tags as vertical text."""
    _, axes = pyplot.subplots(2, 2, figsize=(12, 8))
    _panel(axes[0][0], "cpu", [("cpu", rows)])
    _panel(axes[1][0], "memory", [("memory", rows)], is_bytes=True)
    _panel(axes[0][1], "read", [("read_bytes", rows), ("read_chars", rows)], is_bytes=True)
    _panel(axes[1][1], "write", [("write_bytes", rows), ("write_chars", rows)], is_bytes=True)
    start = rows[0].time
    for panel in axes.flatten():
        _write_tags(panel, [(at - start, label) for at, label in tags])


def bytes2human(value: float) -> str:
    """Bytes with one digit and a unit of 1024: ``512.0B``, ``2.0K``, ``1.5G``."""
    size = abs(value)
    for unit in "BKMGTPEZ":
        if size < _KIBI:
            return f"{'-' if value < 0 else ''}{size:.1f}{unit}"
        size /= _KIBI
    return f"{'-' if value < 0 else ''}{size:.1f}Y"


def _panel(panel: Any, title: str, lines: List[Tuple[str, Sequence[Row]]], is_bytes: bool = False) -> None:
    for name, rows in lines:
        label = name.rpartition("_")[2]
        panel.plot([row.elapsed for row in rows], [_or_gap(getattr(row, name)) for row in rows], label=label)
    panel.set_title(title)
    if len(lines) > 1:
        panel.legend()
    if is_bytes:
        panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: bytes2human(value)))


def _write_tags(panel: Any, tags: Sequence[Tuple[float, str]]) -> None:
    values = [value for line in panel.lines for value in line.get_ydata() if value == value]
    for at, label in tags:
        panel.text(at, min(values, default=0.0), label, rotation="vertical")


def _or_gap(value: Any) -> float:
    return float("nan") if value is None else float(value)
