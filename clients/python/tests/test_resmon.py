"""Marks in the log of a real run."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from typing import Any, Dict, List

from resmon._program import program

from recorder import SOURCES

PROGRAM = """if True:
    import logging, multiprocessing, os, threading, resmon

    logging.basicConfig(level=logging.INFO, handlers=[resmon.Handler()])
    progress = resmon.Progress(8, "shared")

    def work():
        progress.advance(2)
        logging.info("worked", {"columns": ["pid"], "rows": [[os.getpid()]]})

    with resmon.phase("train", batch=32):
        for number in range(2):
            with resmon.phase("epoch", number=number):
                resmon.checkpoint("epoch", number)
    children = [multiprocessing.get_context("fork").Process(target=work) for _ in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    thread = threading.Thread(target=lambda: resmon.tag("<script>\\x1b[31m\\udcff"))
    thread.start()
    thread.join()
    progress.complete()
    try:
        with resmon.phase("fails"):
            raise ValueError
    except ValueError:
        pass
    print(resmon.dropped())
"""

FLOOD = """if True:
    import sys, resmon
    for number in range(100_000):
        resmon.tag(number)
    resmon.marks._flush_at_exit()
    print(resmon.dropped())
"""

KILLED = """if True:
    import os, signal, resmon
    with resmon.phase("never ends"):
        resmon.tag("last")
        os.kill(os.getpid(), signal.SIGKILL)
"""


class RunTest(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="resmon-test-")
        self.addCleanup(shutil.rmtree, self.folder)

    def record(self, script: str) -> "subprocess.CompletedProcess[str]":
        """Runs a program under resmon."""
        words = [*program(), "run", "--quiet", "--no-report", "-o", f"{self.folder}/run", "--", sys.executable, "-c", script]
        environment = {**os.environ, "PYTHONPATH": SOURCES}
        return subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60)

    def records(self) -> List[Dict[str, Any]]:
        with open(f"{self.folder}/run/log.jsonl", encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def events(self) -> List[Dict[str, Any]]:
        return [record for record in self.records() if record["type"] == "event" and record.get("source") == "socket"]

    def test_marks_of_all_kinds_are_in_the_log(self) -> None:
        ended = self.record(PROGRAM)
        self.assertEqual((ended.returncode, ended.stdout, ended.stderr), (0, "0\n", ""))
        events = self.events()
        phases = [(event["kind"], event.get("name")) for event in events if event["kind"].startswith("phase")]
        self.assertEqual(
            phases,
            [
                ("phase_start", "train"),
                ("phase_start", "epoch"),
                ("phase_end", "epoch"),
                ("phase_start", "epoch"),
                ("phase_end", "epoch"),
                ("phase_end", "train"),
                ("phase_start", "fails"),
                ("phase_end", "fails"),
            ],
        )
        [failed] = [event for event in events if event["kind"] == "phase_end" and event["name"] == "fails"]
        self.assertEqual(failed["attributes"], {"error": "ValueError"})
        by_kind = {
            kind: [event for event in events if event["kind"] == kind] for kind in ("checkpoint", "log", "progress", "tag")
        }
        self.assertEqual([event["names"] for event in by_kind["checkpoint"]], [["epoch", "0"], ["epoch", "1"]])
        self.assertEqual(len({event["pid"] for event in by_kind["log"]}), 4)
        self.assertEqual(by_kind["log"][0]["messages"][0], "worked")
        last = by_kind["progress"][-1]
        self.assertEqual((last["name"], last["total"], last["completed"], last["state"]), ("shared", 8, 8, "done"))
        self.assertEqual([event["name"] for event in by_kind["tag"]], ["<script>\x1b[31m\udcff"])
        self.assertNotEqual(by_kind["tag"][0]["tid"], by_kind["tag"][0]["pid"])

    def test_marks_of_a_flood_are_in_the_log_or_counted(self) -> None:
        self.assertEqual(self.record(FLOOD).returncode, 0)
        told = len(self.events())
        lost = [record["reason"] for record in self.records() if record["type"] == "status" and record["collector"] == "marks"]
        counts = re.findall(r"\b(\d+) (?:were|could)", lost[-1]) if lost else []
        # One that was sent in part counts for both, the program and resmon.
        self.assertIn(told + sum(map(int, counts)), (100_000, 100_001), lost)

    def test_marks_of_a_program_that_is_killed_are_in_the_log(self) -> None:
        self.assertEqual(self.record(KILLED).returncode, -9)
        self.assertEqual([event["name"] for event in self.events()][:2], ["never ends", "last"])


if __name__ == "__main__":
    unittest.main()
