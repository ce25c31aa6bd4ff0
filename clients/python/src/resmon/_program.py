"""Where the resmon program is."""

import os
import shlex
import shutil
from typing import List

from resmon._detached import run_detached


class ProgramError(RuntimeError):
    """The resmon program cannot be found or failed; the message says what to do."""


def program() -> List[str]:
    """The words that start resmon: those of ``RESMON_BIN``, else the program that came with this package, else that of PATH.

    ``RESMON_BIN`` is a path, or several words as a shell reads them (``"deno run -A /opt/resmon/main.js"``). Raises
    ProgramError where there is none.
    """
    named = os.environ.get("RESMON_BIN", "")
    if named:
        return [named] if os.path.exists(named) else shlex.split(named)
    return _bundled() or _in_path()


def ask(*words: str) -> str:
    """Runs a subcommand of resmon to its end and gives what it printed. Raises ProgramError with what it said."""
    try:
        asked = run_detached([*program(), *words])
    except OSError as error:
        raise ProgramError(f"Cannot run resmon {words[0]}: {error}") from error
    if asked.returncode != 0:
        said = asked.stderr.decode("utf-8", "replace").strip()
        raise ProgramError(f"Cannot run resmon {words[0]}: {said or f'exit status {asked.returncode}'}")
    return asked.stdout.decode("utf-8")


def _bundled() -> List[str]:
    try:
        from resmon._launcher import command

        return list(command())
    except (ImportError, OSError, RuntimeError):
        # A checkout, or a package that was installed without the program.
        return []


def _in_path() -> List[str]:
    found = shutil.which("resmon")
    if found is None:
        raise ProgramError(
            "Cannot find the resmon program: install it into PATH, or name it in the environment variable RESMON_BIN"
        )
    return [found]
