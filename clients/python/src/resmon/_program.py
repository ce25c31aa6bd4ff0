"""Where the resmon program is."""

import os
import shlex
import shutil
from typing import List

from resmon._detached import run_detached
from resmon._launcher import command


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
    return _installed()


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


def _installed() -> List[str]:
    try:
        return command()
    except RuntimeError as error:
        # A checkout, or a package without its dependency.
        found = shutil.which("resmon")
        if found is None:
            raise ProgramError(
                f"{error}; or install resmon into PATH, or name it in the environment variable RESMON_BIN"
            ) from error
        return [found]
