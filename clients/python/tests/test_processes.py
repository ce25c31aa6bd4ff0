"""Marks of processes that fork, spawn, are signalled and end."""

import json
import os
import threading
import unittest

from recorder import RecordedTest


class ForkTest(RecordedTest):
    def test_a_forked_child_has_a_connection_of_its_own(self) -> None:
        script = """if True:
            import os, sys, resmon
            resmon.tag("parent")
            with resmon.phase("work"):
                child = os.fork()
                if child == 0:
                    resmon.tag("child")
                    sys.exit()
                os.waitpid(child, 0)
            print(os.getpid(), child)
        """
        parent, child = map(int, self.assert_runs(script).split())
        told = self.recorder.wait(4)
        self.assertEqual(self.recorder.connections, 2)
        self.assertEqual({mark["name"]: mark["pid"] for mark in told}, {"parent": parent, "work": parent, "child": child})
        self.assertEqual([mark["tid"] for mark in told if mark["name"] == "child"], [child])
        self.assertEqual(sum(mark["kind"] == "phase_end" for mark in told), 1)

    def test_a_child_forked_while_marks_are_sent_sends_its_own_alone(self) -> None:
        script = """if True:
            import os, threading, resmon
            stop = threading.Event()
            def send():
                while not stop.is_set():
                    resmon.tag("x" * 500)
            thread = threading.Thread(target=send)
            thread.start()
            for number in range(30):
                child = os.fork()
                if child == 0:
                    resmon.tag(f"child {number}")
                    os._exit(0)
                os.waitpid(child, 0)
            stop.set()
            thread.join()
            resmon.tag("end")
        """
        # Python 3.12 warns of forking with threads.
        self.assert_runs(script, "-W", "ignore::DeprecationWarning")
        # Each line is a whole mark: none of the parent's was sent in halves or twice by a child.
        told = self.recorder.wait(31)
        self.assertEqual(sum(mark.get("name", "").startswith("child") for mark in told), 30)
        self.assertEqual(len({mark["pid"] for mark in told if mark["kind"] == "tag"}), 31)

    def test_a_child_forked_while_the_channel_is_busy_is_not_stuck(self) -> None:
        script = """if True:
            import os, resmon
            from resmon import marks
            resmon.tag("parent")
            channel = marks._outlet._channels[0]
            channel._turn._lock.acquire()
            marks._outlet._turn._lock.acquire()
            if os.fork() == 0:
                resmon.tag("child")
            else:
                os.wait()
        """
        self.assert_runs(script)
        self.assertEqual({mark["name"] for mark in self.recorder.wait(2)}, {"parent", "child"})

    def test_a_program_that_closes_all_descriptors_keeps_those_that_it_opens(self) -> None:
        script = f"""if True:
            import os, resmon
            resmon.tag("before")
            os.closerange(3, 100)
            file = open({self.folder!r} + "/file", "w")
            for number in range(3):
                resmon.tag("after")
            file.write("whole")
            file.flush()
            resmon.marks._flush_at_exit()
            file.close()
        """
        self.assert_runs(script)
        with open(os.path.join(self.folder, "file"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "whole")


MULTIPROCESSING = """if True:
    import multiprocessing, sys, resmon
    def work(progress):
        with resmon.phase("work"):
            progress.advance(2)
    if __name__ == "__main__":
        context = multiprocessing.get_context(sys.argv[1])
        with resmon.Progress(8, "shared") as progress:
            children = [context.Process(target=work, args=(progress,)) for _ in range(4)]
            for child in children:
                child.start()
            for child in children:
                child.join()
        assert all(child.exitcode == 0 for child in children)
"""


class MultiprocessingTest(RecordedTest):
    def assert_shares(self, method: str) -> None:
        path = os.path.join(self.folder, "program.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(MULTIPROCESSING)
        self.assert_runs(f"import sys, runpy; sys.argv = [{path!r}, {method!r}]; runpy.run_path({path!r}, run_name='__main__')")
        told = self.recorder.wait(14)
        progress = [mark for mark in told if mark["kind"] == "progress"]
        self.assertEqual(len({mark["span"] for mark in progress}), 1)
        self.assertEqual(sum(mark.get("advance", 0) for mark in progress), 8)
        self.assertEqual(len({mark["pid"] for mark in told}), 5)
        self.assertEqual(len({mark["span"] for mark in told if mark["kind"] == "phase_start"}), 4)

    def test_marks_of_forked_processes_are_shared(self) -> None:
        self.assert_shares("fork")

    def test_marks_of_spawned_processes_are_shared(self) -> None:
        self.assert_shares("spawn")

    def test_marks_of_a_fork_server_are_shared(self) -> None:
        self.assert_shares("forkserver")


class ForkedEndTest(RecordedTest):
    reads = False

    def test_marks_that_wait_are_sent_at_the_end_of_a_process_of_multiprocessing(self) -> None:
        script = """if True:
            import multiprocessing, resmon
            def work():
                for _ in range(1000):
                    resmon.tag("x" * 900)
            child = multiprocessing.get_context("fork").Process(target=work)
            child.start()
            print("ready")
            child.join()
        """
        # It reads once the child has more than the socket takes.
        reader = threading.Thread(target=self.recorder.read_once_connected)
        reader.start()
        self.assert_runs(script)
        self.assertEqual(len(self.recorder.wait(1000)), 1000)
        reader.join()


class EndTest(RecordedTest):
    def test_marks_may_be_made_until_the_interpreter_is_gone(self) -> None:
        script = """if True:
            import atexit, sys, threading
            atexit.register(lambda: resmon.tag("atexit, registered before the import"))
            import resmon
            class Late:
                def __del__(self):
                    resmon.tag("late")
            late = sys.late = Late()
            late.self = late
            threading.Thread(target=lambda: [resmon.tag("daemon") for _ in range(10**9)], daemon=True).start()
            atexit.register(lambda: resmon.tag("atexit"))
        """
        self.assert_runs(script, "-X", "dev")
        for name in (b'"atexit"', b'"atexit, registered before the import"'):
            self.assertTrue(any(name in line for line in self.recorder.wait_for_all()), name)

    def test_marks_of_a_signal_handler_do_not_wait_for_the_one_that_it_interrupts(self) -> None:
        script = """if True:
            import signal, time, resmon
            count = 0
            def handle(*_):
                global count
                count += 1
                resmon.tag("handler")
            signal.signal(signal.SIGALRM, handle)
            signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
            made = 0
            while count < 200:
                resmon.tag("program")
                made += 1
            signal.setitimer(signal.ITIMER_REAL, 0)
            resmon.tag("end")
            print(made, count, resmon.dropped())
        """
        made, count, dropped = map(int, self.assert_runs(script).split())
        told = [json.loads(line) for line in self.recorder.wait_for_all()]
        self.assertEqual(sum(mark["kind"] == "tag" for mark in told) + dropped, made + count + 1)

    def test_marks_survive_exceptions_of_a_signal_handler(self) -> None:
        script = """if True:
            import signal, threading, resmon
            class Interrupt(BaseException):
                pass
            is_armed = False
            def handle(*_):
                global is_armed
                if is_armed:
                    is_armed = False
                    raise Interrupt
            signal.signal(signal.SIGALRM, handle)
            signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
            interrupted = 0
            while interrupted < 300:
                try:
                    is_armed = True
                    while True:
                        resmon.tag("program")
                except Interrupt:
                    interrupted += 1
            signal.setitimer(signal.ITIMER_REAL, 0)
            thread = threading.Thread(target=lambda: resmon.tag("thread"))
            thread.start()
            thread.join()
            resmon.tag("end")
        """
        self.assert_runs(script)
        names = {json.loads(line).get("name") for line in self.recorder.wait_for_all()}
        self.assertLessEqual({"program", "thread", "end"}, names)


if __name__ == "__main__":
    unittest.main()
