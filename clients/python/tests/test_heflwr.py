"""heflwr's documented examples (its docs/en/api/monitor.md and log.md), unchanged but for the import."""

import contextlib
import io
import json
import logging
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
import warnings
from logging import INFO
from typing import Any, Dict, List, Tuple
from unittest import mock

from form_server import FormServer
from loads import holding, spin

from resmon.compat.heflwr._board import Powers, find_powers
from resmon.compat.heflwr._format import exposition
from resmon.compat.heflwr._poster import FormPoster
from resmon.compat.heflwr._power import NO_POWER, Power, Rail, module_rails
from resmon.compat.heflwr._samples import Metrics, Reading, Sample, Samples
from resmon.compat.heflwr.log import configure, log, logger
from resmon.compat.heflwr.monitor import process_monitor, thread_monitor

STATS = [
    "cpu_usage",
    "memory_usage",
    "network_bytes_sent",
    "network_bytes_recv",
    "power_vdd_in",
    "power_vdd_cpu_gpu_cv",
    "power_vdd_soc",
]
SUMMARY = [
    "avg_cpu_usage",
    "avg_memory_usage",
    "total_network_bytes_sent",
    "total_network_bytes_recv",
    "total_power_vdd_in",
    "total_power_vdd_cpu_gpu_cv",
    "total_power_vdd_soc",
]
LINE = re.compile(r"CPU Usage: \d+\.\d%, Memory Usage: [\d.e-]+%, Bytes Sent: \d+, Bytes Recv: \d+, ")


MACHINES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "tests")

# Holds 100 MiB, every page touched, and uses half a second of CPU time.
CHILD = """
import time
held = bytearray(100 << 20)
held[::4096] = b"x" * len(held[::4096])
while time.process_time() < 0.5: pass
"""


def memory_of_machine() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def scrape(port: int) -> Dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return {name: float(value) for name, value in (line.split() for line in lines if not line.startswith("#"))}


class FileMonitors(unittest.TestCase):
    """The quick start of the document, by both modules over the same load."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = os.path.join(folder.name, "log.txt")

    def test_both_modules_tell_the_same_of_the_same_load(self) -> None:
        outside = process_monitor.FileMonitor(file=self.file, interval=0.2)
        inside = thread_monitor.FileMonitor(file=self.file + "2", interval=0.2)
        outside.start()
        inside.start()
        with holding(64):
            spin(1)
        inside.stop()
        outside.stop()
        for monitor in (outside, inside):
            with self.subTest(monitor=type(monitor).__module__):
                detail, summary = monitor.stats(), monitor.summary()
                self.assertEqual(list(detail), STATS)
                self.assertEqual(list(summary), SUMMARY)
                self.assertGreater(len(detail["cpu_usage"]), 3)
                self.assertEqual(len({len(detail[name]) for name in STATS[:4]}), 1)
                self.assertEqual(summary["total_network_bytes_sent"], sum(detail["network_bytes_sent"]))
                self.assertEqual(detail["power_vdd_in"], [], "power is off")
        first, second = outside.summary(), inside.summary()
        self.assertAlmostEqual(first["avg_cpu_usage"], second["avg_cpu_usage"], delta=0.15 * second["avg_cpu_usage"])
        self.assertAlmostEqual(first["avg_memory_usage"], second["avg_memory_usage"], delta=0.2 * second["avg_memory_usage"])

    def test_what_children_use_counts(self) -> None:
        for module in (process_monitor, thread_monitor):
            with self.subTest(module=module.__name__):
                monitor = module.FileMonitor(os.devnull, interval=0.1)
                monitor.start()
                start = time.monotonic()
                subprocess.run([sys.executable, "-c", CHILD], check=True)
                monitor.stop()
                seconds = monitor.summary()["avg_cpu_usage"] / 100 * (time.monotonic() - start)
                self.assertGreater(seconds, 0.4)
                self.assertGreater(max(monitor.stats()["memory_usage"]) / 100 * memory_of_machine(), 100 << 20)

    def test_file_has_a_line_a_sample_under_the_time(self) -> None:
        for module in (process_monitor, thread_monitor):
            with self.subTest(module=module.__name__):
                file = self.file + module.__name__
                monitor = module.FileMonitor(file, interval=0.1)
                monitor.start()
                spin(0.3)
                self.assertGreater(len(read_lines(file)), 2, "lines are written while it runs")
                monitor.stop()
                first, *lines = read_lines(file)
                self.assertRegex(first, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
                self.assertEqual(len(lines), len(monitor.stats()["cpu_usage"]))
                for line in lines:
                    self.assertRegex(line, LINE)
                monitor.start()
                monitor.stop()
                self.assertGreater(len(monitor.stats()["cpu_usage"]), len(lines), "the samples go on after a stop")
                self.assertEqual(sum("%" not in line for line in read_lines(file)), 2, "each start has its time")

    def test_start_and_stop_twice_do_nothing(self) -> None:
        monitor = thread_monitor.FileMonitor(self.file, interval=60)
        monitor.stop()
        self.assertEqual(monitor.stats(), {name: [] for name in STATS})
        self.assertEqual(monitor.summary(), {name: 0 for name in SUMMARY})
        monitor.start()
        monitor.start()
        before = time.monotonic()
        monitor.stop()
        self.assertLess(time.monotonic() - before, 30, "it does not wait for the interval")
        self.assertEqual(len(monitor.stats()["cpu_usage"]), 1, "a last sample is taken")

    def test_set_metrics_speaks_as_heflwr(self) -> None:
        for module in (process_monitor, thread_monitor):
            monitor = module.FileMonitor(self.file)
            monitor.set_metrics(cpu=False, power=True)
            self.assertEqual(monitor.metrics, {"cpu": False, "memory": True, "network": True, "power": True})
            with self.assertRaises(ValueError) as wrong:
                monitor.set_metrics(gpu=True)
            self.assertEqual(
                str(wrong.exception),
                "Metric 'gpu' is not supported. Available metrics: ['cpu', 'memory', 'network', 'power']",
            )
            with self.assertRaises(TypeError) as mistyped:
                monitor.set_metrics(cpu=1)
            self.assertEqual(str(mistyped.exception), "Value for metric 'cpu' must be a boolean, got <class 'int'> instead.")


class PrometheusMonitors(unittest.TestCase):
    """Scraped while they run; the port is given back."""

    def test_gauges_are_those_of_heflwr(self) -> None:
        for module in (process_monitor, thread_monitor):
            with self.subTest(module=module.__name__):
                port = free_port()
                monitor = module.PrometheusMonitor(port=port, interval=0.1)
                monitor.set_metrics(memory=False, network=False)
                monitor.start()
                spin(0.3)
                gauges = scrape(port)
                self.assertEqual(set(gauges), {"cpu_usage"}, "what is off is absent, not 0")
                self.assertGreater(gauges["cpu_usage"], 10)
                monitor.stop()
                with self.assertRaises(urllib.error.URLError):
                    scrape(port)
                monitor.start()
                monitor.stop()
                self.assertGreater(len(monitor.stats()["cpu_usage"]), 2)

    def test_promtool_finds_nothing_to_complain_of(self) -> None:
        if shutil.which("promtool") is None:
            self.skipTest("promtool is missing")
        text = exposition(Sample(1.0, 12.5, 0.1, 0, 136, 5024, 1124, 1604))
        self.assertEqual(text.count("# TYPE"), 7)
        checked = subprocess.run(["promtool", "check", "metrics"], input=text.encode(), stderr=subprocess.PIPE, check=False)
        self.assertEqual((checked.returncode, checked.stderr), (0, b""))


class RemoteMonitors(unittest.TestCase):
    """Posts to a real server."""

    def test_each_sample_is_posted_under_its_own_identifier(self) -> None:
        for module in (process_monitor, thread_monitor):
            for simple, path in ((True, "/simple_log"), (False, "/log")):
                with self.subTest(module=module.__name__, simple=simple), FormServer() as server:
                    host = f"http://{server.host}" if simple else server.host
                    monitor = module.RemoteMonitor(host=host, interval=0.1, identifier="client-A", simple=simple)
                    monitor.start()
                    monitor.stop()
                    posts = server.wait(1)
                    self.assertEqual({where for where, _ in posts}, {path})
                    self.assertEqual({form["identifier"] for _, form in posts}, {"client-A"})
                    self.assertRegex(posts[-1][1]["message"], "^Cpu Usage: .*%, Memory Usage: .*%, Bytes Sent: ")
                    self.assertEqual("levelname" in posts[-1][1], not simple)

    def test_nothing_is_lost_while_the_server_is_away(self) -> None:
        port = free_port()
        monitor = thread_monitor.RemoteMonitor(host=f"127.0.0.1:{port}", interval=0.05)
        self.assertRegex(monitor.identifier, "^remote-monitor-[0-9a-f]{32}$")
        monitor.start()
        spin(0.2)
        with FormServer(port) as server:
            monitor.stop()
            self.assertEqual(len(server.posts), len(monitor.stats()["cpu_usage"]))

    def test_what_could_not_be_sent_is_told(self) -> None:
        poster = FormPoster(f"127.0.0.1:{free_port()}")
        poster.post("/log", {"message": "nobody hears it"})
        with self.assertWarnsRegex(RuntimeWarning, "1 record was not sent"):
            poster.close(0.1)

    def test_a_server_that_does_not_answer_is_told_where_the_monitor_is_stopped(self) -> None:
        for module in (process_monitor, thread_monitor):
            host = f"127.0.0.1:{free_port()}"
            monitor = module.RemoteMonitor(host=f"http://{host}", interval=0.1)
            monitor.start()
            with self.subTest(module.__name__), self.assertWarnsRegex(RuntimeWarning, host) as told:
                monitor.stop()
            self.assertEqual(told.filename, __file__)


class Powering(unittest.TestCase):
    """Power, which never worked: it is in mW, and energy in mJ over the real time between two samples."""

    def test_two_readings_of_one_moment_are_no_sample(self) -> None:
        samples = Samples(Metrics())
        reading = Reading(1.0, 1.0, 5.0, 0.0, 0.0, NO_POWER)
        self.assertEqual([samples.add(reading), samples.add(reading)], [None, None])

    def test_summary_integrates_over_real_time(self) -> None:
        metrics = Metrics()
        metrics.wanted = metrics.with_changes(power=True)
        samples = Samples(metrics)
        rails = Power({Rail("VDD_IN", "module"): 5.0, Rail("VDD_CPU_GPU_CV", "rail"): 1.1, Rail("VDD_SOC", "rail"): 1.6}, {})
        for at in (0.0, 1.0, 3.5):
            samples.add(Reading(at, at, None, None, None, rails))
        self.assertEqual(samples.stats()["power_vdd_in"], [5000, 5000])
        summary = samples.summary()
        self.assertEqual(summary["total_power_vdd_in"], 17500)
        self.assertEqual(summary["total_power_vdd_cpu_gpu_cv"], 3850)
        self.assertEqual(summary["total_power_vdd_soc"], 5600)

    @unittest.skipIf(find_powers(), "this machine tells its power")
    def test_a_machine_without_power_is_told(self) -> None:
        for module in (process_monitor, thread_monitor):
            monitor = module.PrometheusMonitor(port=free_port(), interval=0.1)
            monitor.set_metrics(power=True)
            with self.subTest(module.__name__), self.assertWarnsRegex(RuntimeWarning, "Power is not known here") as told:
                monitor.start()
                monitor.stop()
            self.assertEqual(told.filename, __file__)

    def test_rails_of_boards_are_those_that_resmon_itself_finds(self) -> None:
        for board in ("jetson_nano_l4t32", "jetson_orin_l4t36", "jetson_thor_l4t38"):
            with self.subTest(board=board), tempfile.TemporaryDirectory() as root:
                extract(f"{MACHINES}/fixtures/{board}.tree", root)
                found = Powers(f"{root}/sys").read().watts
                golden = rails_of(f"{MACHINES}/golden/{board}.series")
                self.assertGreater(len(golden), 2)
                self.assertEqual({(rail.name, rail.scope) for rail in found}, set(golden))
                for rail, watts in found.items():
                    self.assertAlmostEqual(watts, golden[rail])

    def test_process_monitors_tell_the_power_of_a_board(self) -> None:
        monitor = process_monitor.FileMonitor(os.devnull, interval=0.1)
        monitor.set_metrics(power=True)
        fixture = ["--root", f"{MACHINES}/fixtures/jetson_orin_l4t36.tree"]
        with mock.patch.object(monitor, "_destination", return_value=fixture):
            monitor.start()
        monitor.stop()
        powers, summary = monitor.stats()["power_vdd_in"], monitor.summary()
        self.assertEqual(set(powers), {20374}, "the three rails of the module together, in milliwatts")
        self.assertGreater(summary["total_power_vdd_in"], 0)
        self.assertLess(summary["total_power_vdd_in"], 20374 * 60, "millijoules of some moments")

    def test_rails_make_the_three_powers(self) -> None:
        orin_nano = module_rails({"VDD_IN": 5.0, "VDD_CPU_GPU_CV": 1.1, "VDD_SOC": 1.6})
        self.assertEqual(Power(orin_nano, {}).since(NO_POWER, 1), (5.0, 1.1, 1.6))
        xavier = module_rails({"GPU": 1.0, "CPU": 2.0, "SOC": 3.0, "CV": 4.0, "VDDRQ": 5.0, "SYS5V": 6.0})
        self.assertEqual(Power(xavier, {}).since(NO_POWER, 1), (21.0, 7.0, 3.0))
        orin_agx = module_rails({"VDD_GPU_SOC": 1.0, "VDD_CPU_CV": 2.0, "VIN_SYS_5V0": 3.0, "VDDQ_VDD2_1V8AO": 0.5})
        self.assertEqual(Power(orin_agx, {}).since(NO_POWER, 1), (6.0, None, None))

    def test_energy_of_packages_is_a_power(self) -> None:
        with tempfile.TemporaryDirectory() as root:
            for zone, name, energy in (("0", "package-0", "1000000"), ("1", "package-1", "500000"), ("0:0", "core", "9")):
                write(f"{root}/class/powercap/intel-rapl:{zone}/name", name)
                write(f"{root}/class/powercap/intel-rapl:{zone}/energy_uj", energy)
            powers = Powers(root)
            before = powers.read()
            write(f"{root}/class/powercap/intel-rapl:0/energy_uj", "21000000")
            write(f"{root}/class/powercap/intel-rapl:1/energy_uj", "10500000")
            self.assertEqual(powers.read().since(before, 2)[0], 15.0)

    def test_a_machine_without_a_sensor_says_so(self) -> None:
        if Powers():
            self.skipTest("this machine has one")
        monitor = thread_monitor.FileMonitor(os.devnull)
        monitor.set_metrics(power=True)
        with self.assertWarnsRegex(RuntimeWarning, "Power is not known here"):
            monitor.start()
        monitor.stop()


class Logging(unittest.TestCase):
    """The examples of heflwr's log.md."""

    def test_logger_and_log_print_to_stdout(self) -> None:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            logger.warning("hello, world!")
            log(INFO, "hello again")
        first, second = out.getvalue().splitlines()
        self.assertRegex(first, r"^WARNING HeFlwr \d{4}-\d\d-\d\d .* \| test_heflwr\.py:\d+ \| hello, world!$")
        self.assertRegex(second, r"^INFO HeFlwr .* \| hello again$")

    def test_configure_adds_file_and_server_once(self) -> None:
        with tempfile.TemporaryDirectory() as folder, FormServer() as server:
            file = os.path.join(folder, "logs", "app.log")
            self.addCleanup(remove_handlers, list(logger.handlers))
            for _ in range(2):
                configure(identifier="client-A", file=file, host=server.host, simple=True)
            with contextlib.redirect_stdout(io.StringIO()):
                logger.info("hello, %s!", "world")
            self.assertEqual(server.wait(1), [("/simple_log", {"identifier": "client-A", "message": "hello, world!"})])
            self.assertRegex("\n".join(read_lines(file)), r"^client-A \| INFO HeFlwr .* \| hello, world!$")

    def test_simple_without_a_host_warns(self) -> None:
        with self.assertWarnsRegex(UserWarning, "Simple mode is specified without a host. No HTTP handler will be added."):
            configure("client-A", simple=True)

    def test_arguments_that_are_not_texts_are_posted(self) -> None:
        with FormServer() as server:
            self.addCleanup(remove_handlers, list(logger.handlers))
            configure("client-B", host=server.host)
            with contextlib.redirect_stdout(io.StringIO()):
                logger.error("value %d", 3)
            (path, form), *_ = server.wait(1)
        self.assertEqual((path, form["message"], form["levelname"], form["args"]), ("/log", "value 3", "ERROR", "(3,)"))


def extract(tree: str, root: str) -> None:
    """Makes the files of a fixture, whose lines are paths and their text as JSON."""
    for line in read_lines(tree):
        path, _, kind_and_text = line.partition("\t")
        kind, _, text = kind_and_text.partition("\t")
        if kind == "=" and "/i2c/" in path:
            write(f"{root}{path}", json.loads(text).rstrip("\n"))


def rails_of(series: str) -> Dict[Tuple[str, str], float]:
    found = (re.match(r'power_watts\{device="module",rail="(.+)",scope="(.+)"\} (.+)', line) for line in read_lines(series))
    return {(match[1], match[2]): float(match[3]) for match in found if match}


def remove_handlers(kept: List[logging.Handler]) -> None:
    for handler in [each for each in logger.handlers if each not in kept]:
        logger.removeHandler(handler)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            handler.close()


def read_lines(path: str) -> List[str]:
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines()


def write(path: str, text: Any) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{text}\n")


if __name__ == "__main__":
    unittest.main()
