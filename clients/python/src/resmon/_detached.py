"""Starts programs that are no children of this process."""

import os
import re
import signal
import subprocess
import sys
import time
from typing import IO, Dict, List

if sys.platform == "win32":
    _END, _KILL = signal.CTRL_BREAK_EVENT, signal.SIGTERM
else:
    import select

    _END, _KILL = signal.SIGTERM, signal.SIGKILL

# The shell ends at once, so that the program is nobody's child: a resmon that records this process does not count it, nor
# what it has used. Its stdout, a pipe, tells by its end that it has ended.
_DETACH = '"$@" & echo $!'
# The same for one that is waited for: its exit status is the last that is said on stderr. A shell knows no descriptor above 9.
_RUN = '{ "$@"; echo ":$?" >&2; } &'


class Detached:
    """A program in a session of its own, where Ctrl-C in the terminal does not reach it. Its stdout must stay empty."""

    def __init__(self, words: List[str], stderr: IO[bytes]) -> None:
        """Raises OSError where it cannot be started."""
        if sys.platform == "win32":
            self._process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                env=_environment(),
                creationflags=subprocess.CREATE_NEW_PROCESS_GROUP,
            )
            self.pid = self._process.pid
        else:
            self._process = _through_shell(_DETACH, words, stderr)
            self.pid = _read_pid(self._process)

    def wait(self, seconds: float) -> bool:
        """Waits for the end, so many seconds at most. Says whether it has come."""
        if sys.platform != "win32":
            return self._wait_for_pipe(seconds)
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    @property
    def is_running(self) -> bool:
        return not self.wait(0)

    def stop(self, seconds: float) -> bool:
        """Asks it to end. Says whether it did within so many seconds; else it is killed."""
        self._signal(_END)
        if self.wait(seconds):
            return True
        self._signal(_KILL)
        self.wait(1)
        return False

    def close(self) -> None:
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _wait_for_pipe(self, seconds: float) -> bool:
        pipe = self._process.stdout
        if pipe is None or pipe.closed:
            return True
        poll = select.poll()
        poll.register(pipe, select.POLLIN)
        deadline = time.monotonic() + seconds
        while poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            if os.read(pipe.fileno(), 4096) == b"":
                return True
        return False

    def _signal(self, number: int) -> None:
        if not self.is_running:
            return
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            pass  # It has just ended.


def run_detached(words: List[str]) -> "subprocess.CompletedProcess[bytes]":
    """Runs a program to its end. Raises OSError where it cannot be started."""
    if sys.platform == "win32":
        return subprocess.run(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment(), check=False
        )
    process = _through_shell(_RUN, words, subprocess.PIPE)
    # At once: a zombie could not be told from a child of the program.
    process.wait()
    stdout, said = process.communicate()
    told = re.fullmatch(rb"(.*):(\d+)\n", said, re.DOTALL)
    stderr, code = (told[1], int(told[2])) if told else (said, 1)
    return subprocess.CompletedProcess(words, code, stdout, stderr)


def _through_shell(script: str, words: List[str], stderr: "IO[bytes] | int") -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        ["/bin/sh", "-c", script, "sh", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=_environment(),
        start_new_session=True,
    )


def _environment() -> Dict[str, str]:
    # What the program around sets for the program, and not for its monitor.
    foreign = ("RESMON_ADDR", "RESMON_MARKS", "RESMON_PID", "RESMON_OUTPUT", "RESMON_INTERVAL", "RESMON_TO")
    inherited = {name: value for name, value in os.environ.items() if name not in foreign}
    # By this a resmon that records this process, or adopts its orphans, knows not to count it.
    return {**inherited, "RESMON_TOOL": "1"}


def _read_pid(process: "subprocess.Popen[bytes]") -> int:
    line = b"" if process.stdout is None else process.stdout.readline()
    process.wait()
    if not line:
        raise OSError("/bin/sh ended without a word")
    return int(line)
