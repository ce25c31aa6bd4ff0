"""The command `resmon` of this package: the program that came with it, on the Deno that came with it."""

import os
import shutil
import signal
import sys
from typing import Dict, List, Union

# What resmon itself ends with where it cannot start a command.
_OWN_FAILURE = 125
# Tells the program that the signal is blocked for it alone: what it starts is to have it as the caller gave it.
_BLOCKED = "RESMON_LAUNCHER_BLOCKED"
# The flag of V8 as in scripts/deno.ts.
_DENO_OPTIONS = ["-A", "--quiet", "--no-prompt", "--no-config", "--v8-flags=--max-semi-space-size=4"]


def command() -> List[str]:
    """The words that start resmon. Raises RuntimeError where this package holds no program, or there is no Deno."""
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_bundle", "main.js")
    if not os.path.isfile(program):
        raise RuntimeError("Cannot start resmon: this package came without its program; build it by `deno task wheel`")
    return [_find_deno(), "run", *_DENO_OPTIONS, program]


def _find_deno() -> str:
    """Deno as RESMON_DENO names it, as it was installed with this package, or in PATH."""
    named = os.environ.get("RESMON_DENO")
    found = shutil.which(named) if named else _beside() or _in_package() or shutil.which("deno")
    if found:
        return found
    raise RuntimeError(
        f"Cannot start resmon: Deno is {f'not {named}' if named else 'not installed'}; "
        "install it by `pip install deno` (Python 3.10 or newer) or name it by RESMON_DENO"
    )


def _beside() -> Union[str, None]:
    """Where it is in a virtual environment: asking the package takes longer than all the rest."""
    return None if sys.prefix == sys.base_prefix else shutil.which("deno", path=os.path.dirname(sys.executable))


def _in_package() -> Union[str, None]:
    try:
        from deno import find_deno_bin

        return str(find_deno_bin())
    except (ImportError, OSError):
        # It was installed without its dependencies.
        return None


def main() -> None:
    """Replaces this process by resmon, which so gets signals, descriptors and exit status as if it had been called itself."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # Ctrl-C is no error of this program.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        words = command() + sys.argv[1:]
    except RuntimeError as error:
        sys.stderr.write(f"resmon: {error}\n")
        sys.exit(_OWN_FAILURE)
    if sys.platform == "win32":
        _run(words)
    else:
        _replace(words)


def _replace(words: List[str]) -> None:
    environment = _given_environment()
    # Python ignores these for itself.
    for name in ("SIGPIPE", "SIGXFSZ"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    # Half a second after its start Deno would open a debugger for this one, to anyone on the machine. The program takes it from
    # the kernel by waiting for it, which it can do on Linux.
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    if sys.platform == "linux" and signal.SIGUSR1 not in blocked:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        environment[_BLOCKED.encode()] = b"SIGUSR1"
    os.execve(words[0], words, environment)


def _given_environment() -> Dict[bytes, bytes]:
    """The environment as this process got it: Python may have added LC_CTYPE (PEP 538)."""
    try:
        with open("/proc/self/environ", "rb") as file:
            pairs = [line.split(b"=", 1) for line in file.read().split(b"\0") if b"=" in line]
        return {name: value for name, value in pairs}
    except OSError:
        # No Linux.
        return dict(os.environb)


def _run(words: List[str]) -> None:
    """What stands for replacing a process on Windows: Ctrl-C goes to both, and is resmon's affair."""
    import subprocess

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(subprocess.run(words).returncode)
