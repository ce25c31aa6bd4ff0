"""Shows the report of a recording: in a notebook, in the browser, or by its path."""

import html
import os
import sys
import tempfile
import webbrowser
from typing import Any

from resmon._program import ask


class Report:
    """The report of a log, for a notebook: it shows itself where it is the value of a cell."""

    def __init__(self, log: str) -> None:
        self._log = log

    def write(self, path: str) -> None:
        """Writes it as one HTML file that needs no network. Raises ProgramError."""
        ask("report", self._log, "-o", path, "--force")

    def show(self) -> None:
        """Shows it in the notebook where there is one, else in the browser; where there is no display it prints its path."""
        display = _notebook_display()
        if display is not None:
            display(self)
            return
        # It stays there: a browser may read it at any time later.
        path = os.path.join(tempfile.mkdtemp(prefix="resmon-report-"), "report.html")
        self.write(path)
        if not _has_display() or not webbrowser.open(f"file://{path}"):
            print(path)

    def _repr_html_(self) -> str:
        with tempfile.TemporaryDirectory(prefix="resmon-report-") as folder:
            path = os.path.join(folder, "report.html")
            self.write(path)
            with open(path, encoding="utf-8") as file:
                page = html.escape(file.read(), quote=True)
        # A document of its own: neither its styles nor its scripts touch the notebook.
        return f'<iframe srcdoc="{page}" style="width: 100%; height: 45em; border: 0"></iframe>'


def _notebook_display() -> Any:
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    # A kernel, not IPython in a terminal.
    if shell is None or not hasattr(shell, "kernel"):
        return None
    from IPython.display import display

    return display


def _has_display() -> bool:
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
