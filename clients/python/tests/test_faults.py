"""Marks where nobody listens, or nobody who should."""

import os
import socket
import subprocess
import sys
import threading
import time
import unittest
from typing import Any, List
from unittest import mock

import resmon
from resmon import marks

from recorder import SOURCES, RecordedTest, Recorder, until


def tag(label: str) -> bool:
    """Makes a mark, in a condition that is waited for."""
    resmon.tag(label)
    return True


def send_all() -> None:
    """Sends what waits, as marks that follow would."""
    until(lambda: all(channel.drain() and not channel._has_unsent() for channel in marks._outlet._channels))


class NobodyTest(RecordedTest):
    def assert_silent(self, address: str) -> None:
        """Makes marks of all kinds, at once and after looking again."""
        self.address(address)
        for _ in range(2):
            resmon.tag("x")
            with resmon.phase("x"), resmon.Progress(1) as progress:
                progress.advance()
            resmon.checkpoint("x")
            resmon.log("info", "x")
            marks._outlet.look_soon()
        self.assertEqual(marks._outlet._channels, [])

    def test_marks_say_nothing_where_the_address_points_to_nobody(self) -> None:
        file = os.path.join(self.folder, "file")
        with open(file, "w", encoding="utf-8"):
            pass
        port = socket.create_server(("127.0.0.1", 0))
        closed = port.getsockname()[1]
        port.close()
        addresses = [
            "",
            "nonsense",
            "unix:",
            f"unix:{self.folder}/nothing",
            f"unix:{self.folder}",
            f"unix:{file}",
            f"unix:{'x' * 4000}",
            "unix:\udcff",
            "tcp:",
            "tcp:127.0.0.1:port/token",
            "tcp:127.0.0.1:99999/token",
        ]
        for address in addresses:
            with self.subTest(address=address[:50]):
                self.assert_silent(address)
        self.address(f"tcp:127.0.0.1:{closed}/token")
        until(lambda: tag("x") and marks._outlet._channels == [])

    def test_marks_say_nothing_without_an_address(self) -> None:
        del os.environ["RESMON_ADDR"]
        marks._outlet.forget()
        resmon.tag("x")
        self.assertGreater(marks._outlet.quiet_until, time.monotonic())
        self.assertEqual(resmon.dropped(), 0)

    def test_marks_go_on_silently_when_resmon_dies_and_find_it_again(self) -> None:
        resmon.tag("before")
        self.recorder.wait(1)
        self.recorder.close()
        os.unlink(self.recorder.path)
        until(lambda: tag("meanwhile") and marks._outlet._channels == [])
        again = Recorder(self.recorder.path)
        self.addCleanup(again.close)
        resmon.tag("too early: it looks again once a second")
        marks._outlet.look_soon()
        resmon.tag("after")
        self.assertEqual([mark["name"] for mark in again.wait(1)], ["after"])

    def test_marks_do_not_need_the_signal_of_a_broken_pipe(self) -> None:
        script = """if True:
            import os, signal, resmon
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            resmon.tag("first")
            print("ready", flush=True)
            input()
            for number in range(3):
                resmon.tag(number)
            print("alive")
        """
        with subprocess.Popen(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONPATH": SOURCES},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as program:
            assert program.stdout is not None
            program.stdout.readline()
            self.recorder.wait(1)
            self.recorder.close()
            self.assertEqual(program.communicate("\n")[0], "alive\n")
        self.assertEqual(program.returncode, 0)


class FullTest(RecordedTest):
    reads = False

    def test_marks_never_wait_and_count_what_they_drop(self) -> None:
        started = time.monotonic()
        resmon.tag("first")
        while resmon.dropped() == 0:
            resmon.tag("x" * 900)
        dropped = resmon.dropped()
        channel = marks._outlet._channels[0]
        self.assertLessEqual(channel._waiting_bytes, marks._WAITING_BYTES)
        self.assertGreater(channel._waiting_bytes, marks._WAITING_BYTES - 2000)
        self.assertLess(time.monotonic() - started, 20)
        self.recorder.read()
        # What waits is sent with the marks that follow, whole and in their order.
        until(lambda: tag("y") and not channel._has_unsent())
        resmon.tag("last")
        until(lambda: b'"last"' in (self.recorder.lines or [b""])[-1])
        told = self.recorder.marks
        self.assertEqual([mark["count"] for mark in told if mark["kind"] == "dropped"], [resmon.dropped()])
        self.assertGreaterEqual(resmon.dropped(), dropped)
        self.assertEqual(told[0]["name"], "first")
        self.assertEqual(channel._waiting_bytes, 0)

    def test_marks_that_wait_are_counted_when_resmon_dies(self) -> None:
        while resmon.dropped() == 0:
            resmon.tag("x" * 900)
        channel = marks._outlet._channels[0]
        waiting = len(channel._waiting)
        self.assertGreater(waiting, 1000)
        channel.close()
        # And what was under way.
        self.assertGreaterEqual(channel.dropped, waiting + 1)

    def test_marks_that_were_dropped_are_not_told_where_the_file_is_not_there(self) -> None:
        while resmon.dropped() == 0:
            resmon.tag("x" * 900)
        marks._outlet._channels[0].close()
        marks._outlet._channels[0]._tell_untold()
        self.assertEqual(os.listdir(self.folder), ["socket"])

    def test_marks_of_a_full_channel_get_little_time_at_the_end(self) -> None:
        script = """if True:
            import atexit, time, resmon
            for number in range(5000):
                resmon.tag("x" * 900)
            started = time.monotonic()
            # Functions run in the opposite order.
            atexit._clear()
            resmon.marks._flush_at_exit()
            print(time.monotonic() - started < 5, resmon.dropped() >= 3000)
        """
        self.assertEqual(self.assert_runs(script, "-W", "error"), "True True\n")

    def test_marks_that_wait_are_sent_at_the_end(self) -> None:
        reader = threading.Thread(target=self.recorder.read_once_connected)
        script = """if True:
            import resmon
            for number in range(1000):
                resmon.tag("x" * 900)
            assert resmon.dropped() == 0
        """
        reader.start()
        self.assert_runs(script)
        self.assertEqual(len(self.recorder.wait(1000)), 1000)
        reader.join()


class InterruptedTest(RecordedTest):
    def test_marks_survive_an_exception_while_one_is_sent(self) -> None:
        resmon.tag("first")
        self.recorder.wait(1)
        channel = marks._outlet._channels[0]
        real, channel._socket = channel._socket, mock.Mock()
        channel._socket.send.side_effect = KeyboardInterrupt
        with self.assertRaises(KeyboardInterrupt):
            resmon.tag("interrupted")
        assert real is not None
        real.close()
        resmon.tag("next")
        until(lambda: b'"next"' in self.recorder.lines[-1])
        self.assertEqual(resmon.dropped(), 1)
        self.assertEqual([mark["kind"] for mark in self.recorder.marks], ["tag", "dropped", "tag"])

    def test_marks_of_a_signal_handler_are_left_to_the_mark_that_it_interrupts(self) -> None:
        resmon.tag("first")
        channel = marks._outlet._channels[0]
        real: Any = channel._socket

        class Interrupted:
            def send(self, line: bytes, flags: int) -> int:
                channel._socket = real
                resmon.tag("handler")
                return int(real.send(line, flags))

        channel._socket = Interrupted()  # type: ignore[assignment]  # a socket whose sending is interrupted
        resmon.tag("second")
        names = [mark["name"] for mark in self.recorder.wait(3)]
        self.assertEqual(names, ["first", "second", "handler"])

    def test_marks_send_the_rest_of_a_line_first(self) -> None:
        resmon.tag("first")
        channel = marks._outlet._channels[0]
        real: Any = channel._socket

        class Slow:
            """Takes ten bytes at a time, and nothing at every other time."""

            calls = 0

            def send(self, line: bytes, flags: int) -> int:
                self.calls += 1
                if self.calls % 2 == 0:
                    raise BlockingIOError
                return int(real.send(line[:10], flags))

            def __getattr__(self, name: str) -> Any:
                return getattr(real, name)

        channel._socket = Slow()  # type: ignore[assignment]  # a socket with hardly any room
        names: List[str] = [f"number {number}" for number in range(5)]
        for name in names:
            resmon.tag(name)
        send_all()
        self.assertEqual([mark["name"] for mark in self.recorder.wait(6)], ["first", *names])

    def test_marks_that_are_refused_are_told_with_the_next(self) -> None:
        resmon.tag("first")
        resmon.tag("too long", **{f"text {number}": ["x" * 900] * 100 for number in range(3)})
        self.assertEqual(resmon.dropped(), 1)
        resmon.tag("last")
        told = self.recorder.wait(3)
        self.assertEqual([mark.get("count", mark.get("name")) for mark in told], ["first", 1, "last"])

    def test_marks_are_counted_while_another_thread_looks_for_those_that_record(self) -> None:
        def find() -> None:
            is_looking.set()
            may_go_on.wait()

        is_looking, may_go_on = threading.Event(), threading.Event()
        with mock.patch.object(marks._outlet, "_find", find):
            thread = threading.Thread(target=resmon.tag, args=("first",))
            thread.start()
            is_looking.wait()
            count = marks._WAITING_LINES + 5
            for _ in range(count):
                resmon.tag("x")
            may_go_on.set()
            thread.join()
        self.assertEqual(resmon.dropped(), 6)
        self.assertEqual(list(marks._outlet._early), [])

    def test_marks_of_many_threads_are_whole(self) -> None:
        def work(number: int) -> None:
            for count in range(500):
                resmon.tag(f"{number} {count}")

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        send_all()
        told = self.recorder.wait(4000)
        self.assertEqual(len({mark["name"] for mark in told}), 4000)
        self.assertEqual(len({mark["tid"] for mark in told}), 8)
        self.assertEqual(self.recorder.connections, 1)


class TcpTest(RecordedTest):
    def test_marks_over_tcp_tell_the_token_first(self) -> None:
        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)
        self.address(f"tcp:127.0.0.1:{server.getsockname()[1]}/secret")
        resmon.tag("one")
        peer, _ = server.accept()
        with peer, peer.makefile("r") as file:
            until(lambda: tag("two") and not marks._outlet._channels[0]._has_unsent())
            self.assertEqual(file.readline(), '{"kind":"hello","token":"secret"}\n')
            self.assertIn('"one"', file.readline())


class AttachmentTest(RecordedTest):
    def attach(self, pid: int, resmon_pid: int = 1) -> Recorder:
        folder = os.path.join(self.folder, "resmon", f"attach-{pid}-{resmon_pid}")
        os.makedirs(folder, mode=0o700)
        recorder = Recorder(os.path.join(folder, "socket"))
        self.addCleanup(recorder.close)
        return recorder

    def test_marks_go_to_all_that_record_the_process_or_an_ancestor(self) -> None:
        own, parent, other = self.attach(os.getpid()), self.attach(os.getppid()), self.attach(999_999_999)
        os.makedirs(os.path.join(self.folder, "resmon", "attach-x"))
        resmon.tag("x")
        for recorder in (self.recorder, own, parent):
            self.assertEqual(recorder.wait(1)[0]["name"], "x")
        self.assertEqual(other.connections, 0)

    def test_marks_find_an_attachment_later(self) -> None:
        resmon.tag("before")
        own = self.attach(os.getpid())
        resmon.tag("within the same second")
        marks._outlet.look_soon()
        resmon.tag("after")
        self.assertEqual([mark["name"] for mark in own.wait(1)], ["after"])
        self.assertEqual(len(self.recorder.wait(3)), 3)

    def test_marks_look_in_the_home_where_no_variable_names_a_place(self) -> None:
        with mock.patch.dict(os.environ, {"HOME": self.folder}):
            del os.environ["XDG_RUNTIME_DIR"], os.environ["XDG_STATE_HOME"]
            self.assertEqual(marks._places()[-1], f"{self.folder}/.local/state/resmon/{socket.gethostname()}")

    @unittest.skipUnless(sys.platform == "linux", "only Linux has /proc/self/comm")
    def test_marks_find_the_ancestors_of_a_process_whatever_its_name(self) -> None:
        script = f"""if True:
            import resmon.marks
            with open("/proc/self/comm", "w") as file:
                file.write("a) b (c")
            print({str(os.getppid())!r} in resmon.marks._family())
        """
        self.assertEqual(self.assert_runs(script), "True\n")

    def test_marks_do_not_go_to_a_folder_of_another_user(self) -> None:
        own = self.attach(os.getpid())
        with mock.patch("os.geteuid", return_value=12345), mock.patch("os.stat") as stat:
            stat.return_value.st_uid = 23456
            resmon.tag("x")
        self.recorder.wait(1)
        self.assertEqual(own.connections, 0)


if __name__ == "__main__":
    unittest.main()
