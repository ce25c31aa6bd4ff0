"""reseng's documented examples (its nbs/monitor.md), unchanged but for the import."""

import contextlib
import importlib.util
import io
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

from loads import holding, spin

from resmon._log_reader import Tick
from resmon.compat.reseng._rows import read_csv, rows_of, write_csv
from resmon.compat.reseng.monitor import ResourceMonitor, log_start_finish

HEADER = "elapsed,time,cpu,memory,read_bytes,read_chars,write_bytes,write_chars"
WRITTEN = 16 << 20


def is_missing(name: str) -> bool:
    return importlib.util.find_spec(name) is None


@log_start_finish
def add_one(x: int) -> int:
    return x + 1


class OneRecording(unittest.TestCase):
    """The document's loads, smaller: CPU, memory, writing, each between two tags."""

    monitor: ResourceMonitor
    began: float

    @classmethod
    def setUpClass(cls) -> None:
        cls.monitor = ResourceMonitor(interval=0.1)
        cls.began = time.time()
        cls.monitor.start()
        cls.monitor.tag("cpu v")
        spin(0.4)
        cls.monitor.tag("cpu ^")
        with holding(64), tempfile.TemporaryFile() as file:
            time.sleep(0.15)
            cls.monitor.tag("write v")
            for _ in range(WRITTEN // 8192):
                file.write(b"a" * 8192)
            file.flush()
            cls.monitor.tag("write ^")
        cls.monitor.stop()

    def test_tags_are_unix_seconds_and_labels(self) -> None:
        self.assertEqual([label for _, label in self.monitor.tags], ["cpu v", "cpu ^", "write v", "write ^"])
        for at, _ in self.monitor.tags:
            self.assertAlmostEqual(at, self.began, delta=60)

    def test_rows_tell_what_was_used(self) -> None:
        rows = self.monitor._rows
        seconds = [second.elapsed - first.elapsed for first, second in zip(rows, rows[1:])]
        self.assertGreater(max(row.cpu or 0 for row in rows), 10)
        self.assertGreater(max(row.memory or 0 for row in rows), 64 << 20)
        written = sum((row.write_chars or 0) * passed for row, passed in zip(rows[1:], seconds))
        self.assertAlmostEqual(written, WRITTEN, delta=0.2 * WRITTEN)

    def test_df_has_the_columns_of_reseng(self) -> None:
        if is_missing("pandas"):
            self.skipTest("pandas is missing")
        frame = self.monitor.df
        assert frame is not None
        self.assertEqual(",".join([str(frame.index.name), *frame.columns]), HEADER)
        self.assertEqual(frame.index[0], 0)
        self.assertGreater(frame["cpu"].max(), 10)

    def test_dump_is_loaded_with_tags_and_data(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "monitor.json")
            self.monitor.dump(path)
            with open(path, encoding="utf-8") as file:
                dumped = json.load(file)
            loaded = ResourceMonitor.load(path)
        self.assertEqual(list(dumped), ["tags", "data"])
        self.assertEqual(dumped["data"].partition("\n")[0], HEADER)
        self.assertEqual([list(tag) for tag in loaded.tags], dumped["tags"])
        self.assertEqual(loaded._rows, self.monitor._rows)

    def test_plot_draws_four_panels(self) -> None:
        if is_missing("matplotlib"):
            self.skipTest("matplotlib is missing here; tests/python_packages_test.ts runs it with build/venv")
        import matplotlib

        matplotlib.use("agg")
        from matplotlib import pyplot

        self.monitor.plot()
        panels = pyplot.gcf().axes
        self.assertEqual([panel.get_title() for panel in panels], ["cpu", "read", "memory", "write"])
        for panel in panels:
            self.assertEqual([text.get_text() for text in panel.texts], ["cpu v", "cpu ^", "write v", "write ^"])
        pyplot.close("all")

    def test_plot_shows_the_report_without_matplotlib(self) -> None:
        out = io.StringIO()
        hidden = {"matplotlib": None, "resmon.compat.reseng._panels": None}
        with mock.patch.dict(sys.modules, hidden), mock.patch("resmon._report._has_display", return_value=False):
            with contextlib.redirect_stdout(out):
                self.monitor.plot()
        path = out.getvalue().strip()
        self.addCleanup(os.rmdir, os.path.dirname(path))
        self.addCleanup(os.remove, path)
        with open(path, encoding="utf-8") as file:
            self.assertIn("write ^", file.read(), "the tags are in the report")


class Rows(unittest.TestCase):
    """The table, from ticks."""

    def test_rates_are_over_real_time(self) -> None:
        first = Tick(100.0, 0.0, {"cpu_seconds_total": 1.0, "memory_rss_bytes": 10, "syscall_write_bytes_total": 0})
        second = Tick(102.0, 2.0, {"cpu_seconds_total": 2.0, "memory_rss_bytes": 20, "syscall_write_bytes_total": 100})
        (row,) = rows_of([first, second])
        self.assertEqual((row.elapsed, row.time, row.cpu, row.memory, row.write_chars), (0.0, 102.0, 50.0, 20, 50.0))
        self.assertIsNone(row.read_bytes, "what is not known is not 0")

    def test_csv_is_read_back(self) -> None:
        rows = rows_of([Tick(1.0, 0.0, {"cpu_seconds_total": 0.0}), Tick(2.5, 1.5, {"cpu_seconds_total": 0.75})])
        self.assertEqual(write_csv(rows), f"{HEADER}\n0.0,2.5,50.0,,,,,\n")
        self.assertEqual(read_csv(write_csv(rows)), rows)

    def test_load_refuses_what_is_no_dump(self) -> None:
        with tempfile.NamedTemporaryFile("w") as file:
            file.write('{"tags": [], "data": "a,b\\n"}')
            file.flush()
            with self.assertRaisesRegex(ValueError, "it is not a dump of a ResourceMonitor"):
                ResourceMonitor.load(file.name)


class Others(unittest.TestCase):
    """Other processes, too early calls, the decorator."""

    def test_before_there_is_data(self) -> None:
        monitor = ResourceMonitor()
        monitor.tag("any time")
        monitor.stop()
        self.assertIsNone(monitor.df)
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            monitor.plot()
        self.assertIn("no entries in monitor log, execution time may be too short", out.getvalue())
        with self.assertRaisesRegex(ValueError, "there is no data yet"):
            monitor.dump(os.devnull)

    def test_another_process_may_end_first(self) -> None:
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        monitor = ResourceMonitor(pid=child.pid, interval=0.05)
        monitor.start()
        child.communicate(b"\n")
        monitor.stop()
        self.assertGreater(len(monitor._rows), 0)

    def test_log_start_finish_prints_two_lines(self) -> None:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            self.assertEqual(add_one(1), 2)
        first, second = out.getvalue().splitlines()
        self.assertRegex(first, r"\d\d:\d\d:\d\d \d{4}: add_one\(1\) started\.$")
        self.assertRegex(second, r": add_one\(1\) finished in 0\.\d\d seconds\.$")

    def test_log_start_finish_works_in_a_pool(self) -> None:
        with multiprocessing.get_context("fork").Pool(2) as pool:
            self.assertEqual(pool.map(add_one, range(4)), [1, 2, 3, 4])


if __name__ == "__main__":
    unittest.main()
