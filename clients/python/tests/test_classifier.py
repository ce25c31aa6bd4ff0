"""pyml's documented examples (the classifier's docs/monitor.md), unchanged but for the import."""

import contextlib
import io
import json
import os
import pickle
import subprocess
import sys
import tempfile
import unittest
from typing import Any, Dict, List, Tuple

from resmon._program import program
from resmon.compat.classifier.monitor._messages import plain, render
from resmon.compat.classifier.monitor.progress import Progress
from resmon.compat.classifier.monitor.usage import Usage

# The document's three sections in one program, and a pool that shares a tracker.
EXAMPLE = """
import multiprocessing
from resmon.compat.classifier.monitor.log import logging
from resmon.compat.classifier.monitor.progress import Progress
from resmon.compat.classifier.monitor.usage import Usage

def step(progress):
    progress.advance(1, distributed=True)

if __name__ == "__main__":
    logging.info("message1", "message2", "message3")
    logging.info("message1 %s", "message2")
    with Progress.new(total=100, msg=("step", "Message")) as progress:
        for i in range(100):
            progress.advance(1)
    for i in range(3):
        Usage.checkpoint("step", i)
    shared = Progress.new(total=100, msg="shared")
    with multiprocessing.get_context("fork").Pool(4) as pool:
        pool.map(step, [shared] * 40)
        pool.close()
        pool.join()
    shared.complete()
    try:
        with Progress.new(total=10, msg="broken") as broken:
            broken.advance(4, msg=("broken", "here"))
            raise ValueError("no more")
    except ValueError:
        logging.error("caught", exc_info=True)
"""


def run_example(source: str) -> Tuple[str, List[Dict[str, Any]]]:
    """What a program printed, and the events of its recording."""
    with tempfile.TemporaryDirectory() as folder:
        script, run = os.path.join(folder, "example.py"), os.path.join(folder, "run")
        with open(script, "w", encoding="utf-8") as file:
            file.write(source)
        words = [*program(), "run", "--quiet", "--no-report", "-o", run, "--", sys.executable, script]
        done = subprocess.run(words, stdout=subprocess.PIPE, check=False)
        with open(os.path.join(run, "log.jsonl"), encoding="utf-8") as log:
            records = [json.loads(line) for line in log]
    return done.stdout.decode(), [record for record in records if record["type"] == "event"]


class TheExample(unittest.TestCase):
    """Under ``resmon run``, which is the server."""

    out: str
    events: List[Dict[str, Any]]

    @classmethod
    def setUpClass(cls) -> None:
        cls.out, cls.events = run_example(EXAMPLE)

    def of(self, kind: str) -> List[Dict[str, Any]]:
        return [event for event in self.events if event["kind"] == kind]

    def test_several_messages_are_logged_and_printed(self) -> None:
        first, second, third = self.of("log")
        self.assertEqual(first["messages"], ["message1", "message2", "message3"])
        self.assertEqual(second["messages"], ["message1 message2"])
        self.assertEqual(third["level"], "error")
        self.assertIn("ValueError: no more", third["messages"][-1])
        self.assertTrue(first["path"].endswith("example.py"))
        self.assertRegex(self.out, r"\[INFO\] message1\nmessage2\nmessage3\n\[.*\] \[INFO\] message1 message2\n")

    def test_checkpoints_keep_their_names(self) -> None:
        self.assertEqual([event["names"] for event in self.of("checkpoint")], [["step", str(i)] for i in range(3)])

    def test_progress_ends_where_it_stands(self) -> None:
        last = {event["name"]: (event["completed"], event["state"]) for event in self.of("progress")}
        self.assertEqual(last["step|Message"], (100, "done"))
        self.assertEqual(last["broken|here"], (4, "failed"))

    def test_progress_of_many_processes_is_added_up(self) -> None:
        *_, before, last = [event["completed"] for event in self.of("progress") if event["name"] == "shared"]
        self.assertEqual(last, 100, "complete() completes it")
        self.assertLessEqual(before, 40)


class Trackers(unittest.TestCase):
    """Without any resmon: nothing is sent, and the numbers are right."""

    def test_update_never_goes_back_and_advance_never_down(self) -> None:
        progress = Progress.new(total=10)
        progress.update(5)
        progress.update(3)
        progress.advance(0)
        progress.advance(-1)
        self.assertFalse(progress.is_finished)
        progress.advance(5, msg=("now", "here"))
        self.assertTrue(progress.is_finished)
        self.assertEqual(progress.msg, ("now", "here"))

    def test_estimate_is_a_time_once_something_is_done(self) -> None:
        progress = Progress.new(total=2)
        self.assertIsNone(progress.estimate)
        progress.advance()
        self.assertIsNotNone(progress.estimate)

    def test_it_keeps_its_identity_in_another_process(self) -> None:
        progress = Progress.new(total=2, msg="m")
        self.assertEqual(pickle.loads(pickle.dumps(progress))._progress.id, progress._progress.id)


class Messages(unittest.TestCase):
    """What the original fell over."""

    def test_a_percent_sign_is_no_format(self) -> None:
        self.assertEqual(render("50%! done", (3,)), "50%! done\n3")

    def test_objects_are_told_as_they_are(self) -> None:
        self.assertEqual(render("a", ({"b": 1},)), "a\n{'b': 1}")
        self.assertEqual(plain({"b": 1}), {"b": 1})

    def test_a_table_of_rich_stays_a_table(self) -> None:
        try:
            from rich.table import Table
        except ImportError:
            self.skipTest("rich is missing here; tests/python_packages_test.ts runs it with build/venv")
        table = Table("col1", "col2")
        table.add_row("1", "2")
        self.assertEqual(plain(table), {"columns": ["col1", "col2"], "rows": [["1", "2"]]})
        self.assertIn("col1", render("title of table", (table,)))

    def test_an_interrupt_is_no_uncaught_exception(self) -> None:
        source = (
            "from resmon.compat.classifier.monitor.log import forward_exception\nforward_exception()\nraise KeyboardInterrupt"
        )
        done = subprocess.run([sys.executable, "-c", source], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        self.assertEqual(done.stdout, b"")

    def test_uncaught_exceptions_are_logged_and_still_printed(self) -> None:
        source = (
            "from resmon.compat.classifier.monitor.log import forward_exception\nforward_exception()\nraise ValueError('lost')"
        )
        done = subprocess.run([sys.executable, "-c", source], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.assertIn(b"[ERROR] Uncaught exception", done.stdout)
        self.assertIn(b"ValueError: lost", done.stderr)


class UsageFile(unittest.TestCase):
    """usage.json, of a program that nobody records but itself."""

    def test_dump_has_checkpoints_and_records_of_this_process(self) -> None:
        Usage.start(interval=0.05)
        Usage.checkpoint("step", 1)
        Usage.stop()
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "usage.json")
            Usage.dump(path)
            Usage.dump(path)  # It may be written again.
            with open(path, encoding="utf-8") as file:
                dumped = json.load(file)
        ((pids),) = dumped["usage"].values()
        usage = pids[str(os.getpid())]
        self.assertEqual([checkpoint["name"] for checkpoint in usage["checkpoints"]], [["step", "1"]])
        self.assertGreater(len(usage["records"]), 1)
        self.assertIn(str(os.getpid()), usage["records"][-1]["memory"])

    def test_checkpoint_does_nothing_where_nothing_records(self) -> None:
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            Usage.checkpoint("nowhere")
        self.assertEqual(out.getvalue(), "")


if __name__ == "__main__":
    unittest.main()
