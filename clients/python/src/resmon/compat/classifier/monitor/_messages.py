"""The messages of a call of logging: texts, objects, and what rich draws."""

import io
from typing import Any, List


def render(message: Any, args: Any) -> str:
    """All messages of a record as text, one below the other; the arguments in the first where that has places for them."""
    if not args:
        return _text(message)
    if isinstance(message, str):
        try:
            return str(message % args)
        except Exception:  # Whatever an argument's own __str__ raises.
            return "\n".join(map(_text, [message, *_listed(args)]))
    return "\n".join(map(_text, [message, *_listed(args)]))


def plain(message: Any) -> Any:
    """What resmon is told of a message: a table of rich becomes a table, what else rich draws becomes text."""
    if not _is_rich(message):
        return message
    columns = getattr(message, "columns", None)
    if not columns or not all(hasattr(column, "header") for column in columns):
        return _draw(message)
    rows = zip(*(list(column.cells) for column in columns))
    return {"columns": [_text(column.header) for column in columns], "rows": [list(map(_text, row)) for row in rows]}


def _listed(args: Any) -> List[Any]:
    return list(args) if isinstance(args, tuple) else [args]


def _text(message: Any) -> str:
    if isinstance(message, str):
        return message
    return _draw(message) if _is_rich(message) else repr(message)


def _is_rich(message: Any) -> bool:
    return hasattr(message, "__rich_console__") or hasattr(message, "__rich__")


def _draw(message: Any) -> str:
    from rich.console import Console

    text = io.StringIO()
    Console(file=text, width=100).print(message)
    return text.getvalue().rstrip("\n")
