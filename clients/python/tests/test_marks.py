"""What the marks say."""

import asyncio
import inspect
import io
import json
import logging
import math
import os
import pickle
import threading
import time
import unittest
from contextlib import asynccontextmanager, redirect_stdout
from typing import Any, AsyncGenerator, AsyncIterator, Dict, Iterator, List
from unittest import mock

import resmon
from resmon import marks

from recorder import RecordedTest


class Unprintable:
    def __str__(self) -> str:
        raise RuntimeError("no text")


class Frame:
    """What is asked of a data frame."""

    columns = ["a", "b"]

    def __init__(self, rows: int) -> None:
        self._rows = rows

    def itertuples(self, index: bool, name: None) -> Iterator[Any]:
        return iter([(number, f"row {number}") for number in range(self._rows)])


class TagTest(RecordedTest):
    def test_tag_tells_label_time_process_thread_and_attributes(self) -> None:
        before = time.time()
        resmon.tag("warm", batch=32, name="a", share=0.5, ok=True, unknown=None, list=["x", 1])
        [mark] = self.recorder.wait(1)
        self.assertLessEqual(before - 1e-6, mark.pop("time"))
        self.assertEqual(
            mark,
            {
                "kind": "tag",
                "name": "warm",
                "attributes": {"batch": 32, "name": "a", "share": 0.5, "ok": True, "list": ["x", "1"]},
                "pid": os.getpid(),
                "tid": threading.get_native_id(),
            },
        )

    def test_tag_tells_any_label(self) -> None:
        labels = ["<b>", "\x1b[31m", 'a "quote"\n', "\udcff", "\x00", "é€😀", 3, None, b"x", Unprintable(), "x" * 1_000_000]
        for label in labels:
            resmon.tag(label)
        told = [mark["name"] for mark in self.recorder.wait(len(labels))]
        self.assertEqual(told[:9], ["<b>", "\x1b[31m", 'a "quote"\n', "\udcff", "\x00", "é€😀", "3", "None", "b'x'"])
        self.assertIn("RuntimeError", told[9])
        self.assertEqual(told[10], "x" * 999 + "…")
        self.assertEqual(resmon.dropped(), 0)

    def test_tag_tells_any_attribute_as_json(self) -> None:
        resmon.tag("x", nan=math.nan, far=math.inf, huge=2**53, bad=Unprintable(), long="x" * 2000, map={"a": 1})
        [mark] = self.recorder.wait(1)
        told = mark["attributes"]
        self.assertEqual([told["nan"], told["far"], told["huge"]], ["nan", "inf", str(2**53)])
        self.assertIn("RuntimeError", told["bad"])
        self.assertEqual(len(told["long"]), 1000)
        self.assertEqual(told["map"], "{'a': 1}")

    def test_tag_counts_what_cannot_be_told(self) -> None:
        class Strange(int):
            def __abs__(self) -> int:
                raise ValueError("no number")

        resmon.tag("x", a=Strange(3))
        resmon.tag("y", **{f"{number}-{'k' * 900}": "x" * 999 for number in range(200)})
        resmon.tag("z")
        self.assertEqual([mark["name"] for mark in self.recorder.wait(2)], ["y", "z"])
        self.assertEqual(resmon.dropped(), 1)

    def test_checkpoint_tells_its_names(self) -> None:
        resmon.checkpoint("step", 3, loss=0.5)
        [mark] = self.recorder.wait(1)
        self.assertEqual((mark["kind"], mark["name"], mark["names"]), ("checkpoint", "step 3", ["step", "3"]))
        self.assertEqual(mark["attributes"], {"loss": 0.5})


class PhaseTest(RecordedTest):
    def phases(self, count: int) -> List[Any]:
        """What was told: kind, name and error, and that starts and ends pair."""
        told = self.recorder.wait(count)
        self.assertEqual(len(told), count)
        started = [mark["span"] for mark in told if mark["kind"] == "phase_start"]
        ended = [mark["span"] for mark in told if mark["kind"] == "phase_end"]
        self.assertEqual(sorted(started), sorted(ended))
        self.assertEqual(len(set(started)), len(started))
        return [(mark["kind"][6:], mark["name"], mark.get("attributes", {}).get("error")) for mark in told]

    def test_phase_tells_start_and_end(self) -> None:
        with resmon.phase("epoch", number=1):
            pass
        self.assertEqual(self.phases(2), [("start", "epoch", None), ("end", "epoch", None)])
        self.assertEqual(self.recorder.marks[0]["attributes"], {"number": 1})

    def test_phase_may_be_entered_again(self) -> None:
        again = resmon.phase("a")
        with again:
            with again:
                pass
        again.start().end()
        again.end()
        told = self.phases(6)
        self.assertEqual([kind for kind, _, _ in told], ["start", "start", "end", "end", "start", "end"])
        spans = [mark["span"] for mark in self.recorder.marks]
        self.assertEqual(spans[0:2], [spans[3], spans[2]])

    def test_phase_ends_that_of_its_own_thread(self) -> None:
        shared = resmon.phase("shared")
        thread = threading.Thread(target=shared.start)
        shared.start()
        thread.start()
        thread.join()
        shared.end()
        first, _, end = self.recorder.wait(3)
        self.assertEqual(first["span"], end["span"])
        self.assertNotEqual(first["tid"], self.recorder.marks[1]["tid"])

    def test_phase_tells_what_it_failed_by(self) -> None:
        with self.assertRaises(KeyError):
            with resmon.phase("bad"):
                raise KeyError("x")
        with self.assertRaises(SystemExit):
            with resmon.phase("good"):
                raise SystemExit(0)
        told = self.phases(4)
        self.assertEqual([told[1], told[3]], [("end", "bad", "KeyError"), ("end", "good", None)])

    def test_phase_decorates_functions_of_all_kinds(self) -> None:
        @resmon.phase("function")
        def function(value: int) -> int:
            return value + 1

        @resmon.phase("coroutine")
        async def coroutine(value: int) -> int:
            await asyncio.sleep(0)
            return value + 1

        @resmon.phase("generator")
        def generator() -> Iterator[int]:
            yield 1
            yield 2

        @resmon.phase("stream")
        async def stream() -> AsyncIterator[int]:
            yield 1
            yield 2

        async def read() -> List[int]:
            return [item async for item in stream()]

        self.assertEqual((function(1), function.__name__), (2, "function"))
        self.assertEqual(asyncio.run(coroutine(1)), 2)
        self.assertTrue(inspect.iscoroutinefunction(coroutine))
        self.assertEqual(list(generator()), [1, 2])
        self.assertEqual(asyncio.run(read()), [1, 2])
        told = self.phases(8)
        self.assertEqual([name for _, name, _ in told[::2]], ["function", "coroutine", "generator", "stream"])

    def test_phase_hands_over_what_is_sent_or_thrown_into_a_stream(self) -> None:
        @asynccontextmanager
        @resmon.phase("transaction")
        async def transaction() -> AsyncIterator[List[str]]:
            done: List[str] = []
            try:
                yield done
                done.append("commit")
            except ValueError:
                done.append("rollback")

        @resmon.phase("echo")
        async def echo() -> AsyncGenerator[int, int]:
            number = 0
            while number < 9:
                number = yield number

        async def use() -> None:
            async with transaction() as first:
                pass
            async with transaction() as second:
                raise ValueError
            self.assertEqual((first, second), (["commit"], ["rollback"]))
            stream = echo()
            self.assertEqual([await stream.asend(value) for value in (None, 3, 4)], [0, 3, 4])
            with self.assertRaises(StopAsyncIteration):
                await stream.asend(9)

        asyncio.run(use())
        self.assertEqual(self.phases(6)[1::2], [("end", "transaction", None)] * 2 + [("end", "echo", None)])

    def test_phase_of_a_generator_that_nobody_reads_on_has_not_failed(self) -> None:
        @resmon.phase("generator")
        def generator() -> Iterator[int]:
            yield 1

        items = generator()
        next(items)
        items.close()  # type: ignore[attr-defined]  # it is a generator
        self.assertEqual(self.phases(2)[1], ("end", "generator", None))

    def test_log_start_finish_prints_and_marks(self) -> None:
        @resmon.log_start_finish
        def work(number: int, text: str = "", frame: Any = None) -> int:
            if number == 0:
                raise ValueError("zero")
            return number

        class Table:
            shape = (1000, 5)

        printed = io.StringIO()
        with redirect_stdout(printed):
            self.assertEqual(work(1, text="a long text", frame=Table()), 1)
            with self.assertRaises(ValueError):
                work(0)
        lines = printed.getvalue().splitlines()
        self.assertRegex(lines[0], r"^\w+ \w+ +\d+ [\d:]+ \d+: work\(1, text=a long te…, frame=table\(1000, 5\)\) started\.$")
        self.assertRegex(lines[1], r": work\(1, .*\) finished in 0\.\d\d seconds\.$")
        self.assertRegex(lines[3], r": work\(0\) finished in 0\.\d\d seconds: failed by ValueError\.$")
        self.assertEqual(self.phases(4)[3], ("end", "work", "ValueError"))


class LogTest(RecordedTest):
    def test_log_tells_texts_tables_and_objects(self) -> None:
        resmon.log(
            "warning", "text", {"columns": ["a"], "rows": [[1], (math.nan,)]}, [{"a": 1}, {"b": None}], Frame(1), {"k": {1}}
        )
        [mark] = self.recorder.wait(1)
        self.assertEqual((mark["kind"], mark["level"]), ("log", "warning"))
        self.assertEqual(
            mark["messages"],
            [
                "text",
                {"table": {"columns": ["a"], "rows": [[1], ["nan"]]}},
                {"table": {"columns": ["a", "b"], "rows": [[1, None], [None, None]]}},
                {"table": {"columns": ["a", "b"], "rows": [[0, "row 0"]]}},
                {"json": {"k": [1]}},
            ],
        )
        self.assertEqual(os.path.basename(mark["path"]), "test_marks.py")
        self.assertGreater(mark["line"], 0)

    def test_log_takes_levels_by_name_and_number(self) -> None:
        levels = ["debug", logging.INFO, "WARN", 25, 99, 0, "nonsense", "fatal"]
        for level in levels:
            resmon.log(level, "x")
        told = [mark["level"] for mark in self.recorder.wait(len(levels))]
        self.assertEqual(told, ["debug", "info", "warning", "info", "critical", "debug", "info", "critical"])

    def test_log_says_what_it_cut(self) -> None:
        resmon.log("info", "x" * 1_000_000)
        resmon.log("info", "\x01" * 59_000)
        resmon.log("info", Frame(100_000))
        resmon.log("info", {"a": ["y" * 100] * 5000})
        resmon.log("info", "x" * 59_950, *range(100))
        told = self.recorder.wait(5)
        self.assertTrue(all(len(line) < 64 * 1024 for line in self.recorder.lines))
        self.assertRegex(told[0]["messages"][0], r"x… \(cut: 1000000 characters in all\)$")
        self.assertRegex(told[1]["messages"][0], "\x01… \\(cut: 59000 characters in all\\)$")
        rows = told[2]["messages"][0]["table"]["rows"]
        self.assertEqual(rows[-1], [f"… (cut after {len(rows) - 1} rows)", None])
        self.assertRegex(told[3]["messages"][0], r"… \(cut: \d+ characters in all\)$")
        self.assertEqual(told[4]["messages"][1:], ["… (cut: 100 more messages)"])

    def test_log_ends_with_objects_that_hold_themselves(self) -> None:
        loop: List[Any] = []
        loop.extend([loop] * 10)
        resmon.log("info", loop, {"bad": Unprintable()})
        [mark] = self.recorder.wait(1)
        self.assertIn("…", json.dumps(mark["messages"][0], ensure_ascii=False))

    def logger(self) -> logging.Logger:
        logger = logging.Logger("train", logging.DEBUG)
        logger.addHandler(resmon.Handler())
        return logger

    def test_handler_tells_records(self) -> None:
        self.logger().error("loss %.1f", 0.25)
        [mark] = self.recorder.wait(1)
        self.assertEqual((mark["name"], mark["level"], mark["messages"]), ("train", "error", ["loss 0.2"]))
        self.assertEqual(os.path.basename(mark["path"]), "test_marks.py")

    def test_handler_tells_when_and_where_a_record_was_made(self) -> None:
        record = self.logger().makeRecord("train", logging.INFO, "a.py", 3, "text", (), None, sinfo="Stack: here")
        record.created = 1700000000.25
        resmon.Handler().handle(record)
        [mark] = self.recorder.wait(1)
        self.assertEqual((mark["time"], mark["path"], mark["line"]), (1700000000.25, "a.py", 3))
        self.assertEqual(mark["messages"], ["text", "Stack: here"])

    def test_handler_tells_several_messages_where_the_text_has_no_places(self) -> None:
        logger = self.logger()
        logger.info("one", "two", {"columns": ["a"], "rows": [[1]]})
        logger.info("50%! done", 3)
        logger.info({"k": 1})
        told = [mark["messages"] for mark in self.recorder.wait(3)]
        self.assertEqual(
            told,
            [["one", "two", {"table": {"columns": ["a"], "rows": [[1]]}}], ["50%! done", {"json": 3}], [{"json": {"k": 1}}]],
        )

    def test_handler_tells_exceptions(self) -> None:
        try:
            raise ValueError("bad loss")
        except ValueError:
            self.logger().exception("failed")
        [mark] = self.recorder.wait(1)
        self.assertRegex(mark["messages"][1], r"(?s)^Traceback .*\nValueError: bad loss$")


class ProgressTest(RecordedTest):
    def told(self, count: int) -> List[Dict[str, Any]]:
        names = ("name", "total", "advance", "completed", "state")
        return [{name: mark[name] for name in names if name in mark} for mark in self.recorder.wait(count)]

    def test_progress_tells_its_steps_and_its_end(self) -> None:
        with resmon.Progress(10, "files") as progress:
            progress.advance()
            progress.advance(2.5)
            progress.update(5)
            progress.update(4)
        self.assertEqual(
            self.told(5),
            [{"name": "files", "total": 10}, {"advance": 1}, {"advance": 2.5}, {"completed": 5}, {"state": "done"}],
        )
        self.assertEqual({mark["span"] for mark in self.recorder.marks}, {progress.id})
        self.assertEqual(progress.completed, 10)

    def test_progress_knows_what_is_done_after_steps_and_updates(self) -> None:
        progress = resmon.Progress(10)
        progress.advance(3)
        progress.update(5)
        progress.advance()
        self.assertEqual(progress.completed, 6)

    def test_progress_fails_by_an_exception(self) -> None:
        with self.assertRaises(ValueError):
            with resmon.Progress(10):
                raise ValueError
        self.assertEqual(self.told(2)[1], {"state": "failed"})

    def test_progress_takes_numbers_of_any_kind_and_nothing_else(self) -> None:
        progress = resmon.Progress(math.nan, "x")
        for step in (True, 2.0, 0, -1, math.nan, math.inf, "text", None, 10**400):
            progress.advance(step)  # type: ignore[arg-type]  # what a program may pass
        progress.complete()
        self.assertEqual(self.told(4), [{"name": "x"}, {"advance": 1}, {"advance": 2}, {"state": "done"}])

    def test_progress_of_hands_over_items(self) -> None:
        self.assertEqual(list(resmon.Progress.of("abc", "letters")), ["a", "b", "c"])
        self.assertEqual(list(resmon.Progress.of(iter([1]))), [1])
        told = self.told(8)
        self.assertEqual(told[0], {"name": "letters", "total": 3})
        self.assertEqual(told[5], {"name": ""})

    def test_progress_is_the_same_after_pickling(self) -> None:
        progress = resmon.Progress(10, "shared")
        copy = pickle.loads(pickle.dumps(progress))
        copy.advance(3)
        first, second = self.recorder.wait(2)
        self.assertEqual(first["span"], second["span"])
        self.assertEqual((copy.completed, progress.completed), (3, 0))

    def test_progress_knows_rate_and_time_to_go(self) -> None:
        with mock.patch.object(marks, "time", return_value=1000.0):
            progress = resmon.Progress(100)
        with mock.patch.object(marks, "time", return_value=1000.0 + 90_000):
            self.assertEqual((progress.rate, progress.eta), (None, None))
            progress.advance(25)
            self.assertEqual(progress.rate, 25 / 90_000)
            self.assertEqual(progress.eta, 270_000)
            progress.update(100)
            self.assertEqual(progress.eta, 0)

    def test_progress_loses_no_step_of_threads(self) -> None:
        progress = resmon.Progress(4000)

        def work() -> None:
            for _ in range(1000):
                progress.advance()

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(progress.completed, 4000)


if __name__ == "__main__":
    unittest.main()
