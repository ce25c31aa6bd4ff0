"""Stands in for resmon where a test looks at what is sent."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from typing import Any, Callable, Dict, List

from resmon import marks

SOURCES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "src")
SECONDS = 30.0


class Recorder:
    """A Unix socket that reads what comes, line by line, unless it is told not to."""

    def __init__(self, path: str, reads: bool = True) -> None:
        self.path = path
        self.connections = 0
        self._open = 0
        self.lines: List[bytes] = []
        self._reads = threading.Event()
        if reads:
            self._reads.set()
        self._peers: List[socket.socket] = []
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(path)
        self._socket.listen(128)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"unix:{self.path}"

    @property
    def marks(self) -> List[Dict[str, Any]]:
        return [json.loads(line) for line in list(self.lines)]

    def wait(self, count: int) -> List[Dict[str, Any]]:
        """The marks, once there are so many."""
        until(lambda: len(self.lines) >= count)
        return self.marks

    def wait_for_all(self) -> List[bytes]:
        """The lines, once all that were connected have ended."""
        until(lambda: self.connections > 0 and self._open == 0)
        return self.lines

    def read(self) -> None:
        """Reads from now on."""
        self._reads.set()

    def read_once_connected(self) -> None:
        """Reads from the moment on at which somebody has something to say."""
        until(lambda: self.connections > 0)
        self.read()

    def close(self) -> None:
        """Ends, as a resmon does that was killed."""
        for end in (self._socket, *self._peers):
            try:
                # Closing alone would leave the thread in accept().
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                # It has ended by itself.
                continue
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            self._open += 1
            self.connections += 1
            self._peers.append(peer)
            threading.Thread(target=self._read_from, args=(peer,), daemon=True).start()

    def _read_from(self, peer: socket.socket) -> None:
        self._reads.wait()
        with peer, peer.makefile("rb") as file:
            for line in file:
                self.lines.append(line)
        self._open -= 1


class RecordedTest(unittest.TestCase):
    """A test whose process is recorded by a stand-in."""

    reads = True

    def setUp(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="resmon-test-")
        self.addCleanup(shutil.rmtree, self.folder)
        before = {name: os.environ.get(name) for name in ("RESMON_ADDR", "XDG_RUNTIME_DIR", "XDG_STATE_HOME")}
        self.addCleanup(restore, before)
        # Nobody is attached by way of these.
        os.environ["XDG_RUNTIME_DIR"] = os.environ["XDG_STATE_HOME"] = self.folder
        self.recorder = Recorder(os.path.join(self.folder, "socket"), self.reads)
        self.addCleanup(self.recorder.close)
        self.address(self.recorder.address)

    def address(self, address: str) -> None:
        """Goes on as a program does that was started with this address."""
        os.environ["RESMON_ADDR"] = address
        marks._outlet.forget()

    def run_script(self, script: str, *options: str) -> "subprocess.CompletedProcess[str]":
        """Runs a program that the stand-in records, to its end."""
        return self.run_program(*options, "-c", script)

    def run_program(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """The same of a file."""
        environment = {**os.environ, "PYTHONPATH": SOURCES}
        return subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True, timeout=SECONDS)

    def assert_runs(self, script: str, *options: str) -> str:
        """Runs a program to its end, which is a good one and without a word on stderr; gives what it printed."""
        ended = self.run_script(script, *options)
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        return ended.stdout


def restore(variables: Dict[str, Any]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    marks._outlet.forget()


def until(condition: Callable[[], bool]) -> None:
    """Waits until a condition holds."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("It did not come true in time")
        time.sleep(0.005)
