"""`resmon.Monitor` with the real program."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
import warnings
from typing import Any, Dict, List, Set
from unittest import mock

from loads import holding, spin

import resmon
from resmon._log_reader import LogReader, Tick
from resmon._program import ProgramError, program


def events(monitor: resmon.Monitor, kind: str) -> List[Dict[str, Any]]:
    with open(monitor.log, encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    return [record for record in records if record["type"] == "event" and record["kind"] == kind]


def is_running(pid: int) -> bool:
    """Whether a process is there; one that waits for the system to take note of its end is not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def programs(summary: Dict[str, Any]) -> Set[str]:
    """What ran, but for the shell by way of which a resmon is started: it may be seen in the moment when it has ended."""
    return {process["name"] for process in summary["processes"]["rows"]} - {"sh"}


class OneRecording(unittest.TestCase):
    """What one recording of this process holds."""

    monitor: resmon.Monitor
    used: float
    live: Dict[str, Any]

    @classmethod
    def setUpClass(cls) -> None:
        with resmon.Monitor(interval=0.1) as cls.monitor:
            with holding(64):
                cls.used = spin(0.5)
                cls.monitor.tag("half", part=1)
                resmon.tag("of the program")
            cls.live = cls.monitor.summary()

    def test_summary_has_what_was_used(self) -> None:
        metrics = self.monitor.summary()["metrics"]
        self.assertGreaterEqual(metrics["cpu_seconds_total"]["total"], self.used * 0.9)
        self.assertLess(metrics["cpu_seconds_total"]["total"], self.used + 1)
        self.assertGreater(metrics["memory_rss_bytes"]["max"], 64 << 20)

    def test_summary_is_live(self) -> None:
        self.assertGreaterEqual(self.live["metrics"]["cpu_seconds_total"]["total"], self.used * 0.7)

    def test_the_recorder_is_not_a_part_of_the_tree(self) -> None:
        self.assertEqual(programs(self.monitor.summary()), {os.path.basename(sys.executable)})

    def test_stats_are_lists_of_one_length(self) -> None:
        stats = self.monitor.stats()
        self.assertEqual(len({len(values) for values in stats.values()}), 1)
        self.assertGreater(max(value for value in stats["memory_rss_bytes"] if value is not None), 64 << 20)

    def test_tag_is_in_the_log(self) -> None:
        tags = events(self.monitor, "tag")
        self.assertEqual([tag["name"] for tag in tags], ["half", "of the program"])
        self.assertEqual(tags[0]["attributes"], {"part": 1})

    def test_df_has_a_column_a_series_over_elapsed_seconds(self) -> None:
        try:
            import pandas  # noqa: F401  # the frame needs it
        except ImportError:
            self.skipTest("pandas is missing")
        frame = self.monitor.df()
        self.assertTrue(frame.index.is_monotonic_increasing)
        self.assertGreater(frame["memory_rss_bytes"].max(), 64 << 20)

    def test_df_says_what_to_do_without_pandas(self) -> None:
        with mock.patch.dict(sys.modules, {"pandas": None}):
            with self.assertRaisesRegex(ImportError, "pip install pandas"):
                self.monitor.df()

    def test_repr_html_is_a_document_of_its_own(self) -> None:
        page = self.monitor._repr_html_() or ""
        self.assertEqual(page[:35].lower(), '<iframe srcdoc="&lt;!doctype html&g')
        self.assertEqual(page.count("<"), 2, "nothing of the report stands in the notebook itself")

    def test_plot_shows_itself_in_a_notebook(self) -> None:
        shown: List[Any] = []
        display = mock.Mock(display=shown.append)
        notebook = mock.Mock(get_ipython=lambda: mock.Mock(kernel=True), display=display)
        with mock.patch.dict(sys.modules, {"IPython": notebook, "IPython.display": display}):
            self.monitor.plot()
        (report,) = shown
        self.assertTrue(report._repr_html_().startswith("<iframe srcdoc="))

    def test_ipython_shows_the_report(self) -> None:
        try:
            from IPython.core.interactiveshell import InteractiveShell
        except ImportError:
            self.skipTest("IPython is missing here; tests/python_packages_test.ts runs it with build/venv")
        formatter: Any = InteractiveShell.instance().display_formatter
        data, _ = formatter.format(self.monitor)
        self.assertTrue(data["text/html"].startswith("<iframe srcdoc="))

    def test_dump_is_loaded_whole(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "dump.jsonl")
            self.monitor.dump(path)
            loaded = resmon.Monitor.load(path)
            self.assertEqual(loaded.summary(), self.monitor.summary())
            self.assertEqual(len(events(loaded, "tag")), 2)

    def test_load_refuses_what_is_no_log(self) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
            file.write("a,b\n1,2\n")
            file.flush()
            with self.assertRaisesRegex(resmon.MonitorError, "Cannot load .*csv: it is not a log of resmon"):
                resmon.Monitor.load(file.name)

    def test_load_refuses_what_is_not_there(self) -> None:
        with self.assertRaisesRegex(resmon.MonitorError, "Cannot load /nonexistent.jsonl: there is no recording in it"):
            resmon.Monitor.load("/nonexistent.jsonl")

    def test_start_twice_is_refused(self) -> None:
        with self.assertRaisesRegex(resmon.MonitorError, "make a new Monitor"):
            self.monitor.start()


class GrowingLog(unittest.TestCase):
    """A log that is read while it is written."""

    def test_half_a_line_is_left_for_the_next_time(self) -> None:
        columns = '{"type":"columns","collector":"cpu","series":["a","b"]}\n'
        tick = '{"type":"tick","time":1,"elapsed":0.5,"values":{"cpu":[3,null]}}\n'
        with tempfile.NamedTemporaryFile("w", buffering=1) as file:
            log = LogReader(file.name)
            file.write(columns + tick[:20])
            file.flush()
            self.assertEqual(log.read(), [])
            file.write(tick[20:])
            self.assertEqual(log.read(), [Tick(1, 0.5, {"a": 3})])
            self.assertEqual(log.read(), [])


class SeveralMonitors(unittest.TestCase):
    """They do not disturb each other."""

    def test_tags_and_processes_of_one_are_not_in_the_other(self) -> None:
        with resmon.Monitor(interval=0.1) as first:
            with resmon.Monitor(interval=0.1) as second:
                first.tag("first")
                second.tag("second")
                spin(0.2)
            spin(0.1)
        self.assertEqual([tag["name"] for tag in events(first, "tag")], ["first"])
        self.assertEqual([tag["name"] for tag in events(second, "tag")], ["second"])
        summary = first.summary()
        self.assertEqual(programs(summary), {os.path.basename(sys.executable)})
        # What the other resmon has used is not this process's: it would be half a second.
        self.assertLess(summary["metrics"]["cpu_seconds_total"]["total"], 0.3 + 0.35)

    def test_a_run_around_does_not_count_them(self) -> None:
        source = "import resmon\nwith resmon.Monitor(interval=0.1) as m: m.tag('inside')\n"
        with tempfile.TemporaryDirectory() as folder:
            words = [*program(), "run", "--quiet", "--no-report", "-o", f"{folder}/run", "--", sys.executable, "-c", source]
            subprocess.run(words, check=True)
            with open(f"{folder}/run/summary.json", encoding="utf-8") as file:
                summary = json.load(file)
            with open(f"{folder}/run/log.jsonl", encoding="utf-8") as file:
                self.assertNotIn('"inside"', file.read())
        self.assertEqual(programs(summary), {os.path.basename(sys.executable)})


class Faults(unittest.TestCase):
    """What goes wrong is told, and leaves nothing behind."""

    def test_an_interval_that_is_none_is_refused_at_once(self) -> None:
        for interval, error in (("fast", TypeError), (None, TypeError), (0, ValueError), (float("nan"), ValueError)):
            with self.subTest(interval=interval), self.assertRaisesRegex(error, "interval is "):
                resmon.Monitor(interval=interval)  # type: ignore[arg-type]

    def test_a_recorder_that_dies_is_told(self) -> None:
        monitor = resmon.Monitor(interval=0.1).start()
        recording = monitor._recording
        assert recording is not None
        os.kill(recording._process.pid, signal.SIGKILL)
        self.assertTrue(recording._process.wait(5))
        with self.assertWarnsRegex(RuntimeWarning, "is not complete: resmon has ended"):
            monitor.stop()
        self.assertIn("memory_rss_bytes", monitor.summary()["metrics"], "what was recorded is there")

    def test_no_program_says_what_to_do(self) -> None:
        with mock.patch.dict(os.environ, {"RESMON_BIN": "", "PATH": "/nonexistent"}):
            with mock.patch("resmon._program.command", side_effect=RuntimeError("Cannot start resmon: no program")):
                with self.assertRaisesRegex(ProgramError, "name it in the environment variable RESMON_BIN"):
                    resmon.Monitor().start()

    def test_a_program_that_cannot_start_is_told(self) -> None:
        with mock.patch.dict(os.environ, {"RESMON_BIN": "/nonexistent/resmon"}):
            monitor = resmon.Monitor()
            for _ in range(2):
                with self.assertRaisesRegex(resmon.MonitorError, "Cannot start the monitor: .*/nonexistent/resmon"):
                    monitor.start()

    def test_no_such_process_is_told(self) -> None:
        child = subprocess.Popen([sys.executable, "-c", ""])
        child.wait()
        with self.assertRaisesRegex(resmon.MonitorError, f"Cannot attach to process {child.pid}"):
            resmon.Monitor(child.pid).start()

    def test_before_the_start_there_is_nothing(self) -> None:
        monitor = resmon.Monitor()
        monitor.stop()
        monitor.tag("nowhere")
        self.assertIsNone(monitor._repr_html_())
        with self.assertRaisesRegex(resmon.MonitorError, "was not started"):
            monitor.summary()

    def test_a_program_may_have_many_files_open(self) -> None:
        with contextlib.ExitStack() as files, resmon.Monitor(interval=0.1) as monitor:
            for _ in range(20):
                files.enter_context(open(os.devnull, encoding="utf-8"))
            self.assertEqual(monitor.summary()["run"]["mode"], "attach")
            with self.assertRaisesRegex(ProgramError, "argument 'none' is invalid"):
                monitor.export("none", os.devnull)

    def test_what_was_lost_is_told(self) -> None:
        monitor = resmon.Monitor(interval=0.1).start()
        monitor.tag("")
        with self.assertWarnsRegex(RuntimeWarning, r"not complete: .* 1 could not be read .*a tag has no name"):
            monitor.stop()

    def test_it_is_in_a_session_of_its_own_without_what_is_meant_for_the_program(self) -> None:
        # A sink that the program's own resmon has would be told as lost.
        with mock.patch.dict(os.environ, {"RESMON_TO": "http://127.0.0.1:1"}), warnings.catch_warnings():
            warnings.simplefilter("error")
            with resmon.Monitor(interval=0.1) as monitor:
                assert monitor._recording is not None
                self.assertNotEqual(os.getsid(monitor._recording._process.pid), os.getsid(0))

    def test_an_interval_is_told_to_the_nearest_millisecond(self) -> None:
        self.assertIn("1001ms", resmon.Monitor(interval=1.001)._words("folder"))

    def test_the_end_of_the_interpreter_ends_it(self) -> None:
        source = (
            "import os, resmon\n"
            "m = resmon.Monitor(interval=0.1).start()\n"
            "if os.fork() == 0: m.tag('child'); m.summary(); m.stop(); raise SystemExit\n"
            "os.wait()\n"
            "assert m.is_running, 'the end of a forked child ended it'\n"
            "m.tag('parent')\n"
            "assert '\"child\"' in open(m.log).read(), 'the mark of a forked child is lost'\n"
            "print(m._recording._process.pid, m.log)\n"
        )
        said = subprocess.run([sys.executable, "-c", source], stdout=subprocess.PIPE, check=True).stdout.decode()
        pid, log = said.split()
        self.assertFalse(os.path.exists(os.path.dirname(os.path.dirname(log))), "its folder is left")
        self.assertFalse(is_running(int(pid)), "resmon is left")

    def test_another_process_may_end_first(self) -> None:
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with resmon.Monitor(child.pid, interval=0.1) as monitor:
                child.communicate(b"\n")
        self.assertEqual(monitor.summary()["run"]["mode"], "attach")


if __name__ == "__main__":
    unittest.main()
