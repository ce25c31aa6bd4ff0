"""The same readings from outside: a resmon process records, and its log is read."""

import re
from typing import Dict, List, Optional, Sequence

from resmon._log_reader import LogReader, Tick
from resmon._warning import warn
from resmon.compat.heflwr._power import Power, Rail
from resmon.compat.heflwr._samples import Metrics, Reading, Sample, Samples
from resmon.monitor import Monitor

_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

# What heflwr does not tell is not recorded.
_UNUSED = "all,-disk,-pressure,-temperature,-cgroup,-gpu,-neuron"


class OutsideRecorder:
    """Records a process by resmon, and turns what it logs into samples."""

    def __init__(self, pid: int, interval: float, metrics: Metrics, samples: Samples) -> None:
        self._pid = pid
        self._interval = interval
        self._metrics = metrics
        self._samples = samples
        self._monitor: Optional[Monitor] = None
        self._log: Optional[LogReader] = None

    @property
    def is_running(self) -> bool:
        return self._monitor is not None

    def start(self, options: Sequence[str] = ()) -> None:
        """Begins to record; more words for ``resmon attach`` may be given. Raises MonitorError."""
        wanted = self._metrics.wanted
        words = [_UNUSED] + [f"-{name}" for name in ("network", "power") if not wanted[name]]
        monitor = Monitor(self._pid, self._interval, metrics=",".join(words), options=options)
        monitor.start()
        self._monitor, self._log = monitor, LogReader(monitor.log)
        self._samples.begin()

    def stop(self) -> List[Sample]:
        """Ends the recording; gives the last samples."""
        monitor, log = self._monitor, self._log
        if monitor is None or log is None:
            return []
        monitor.stop()
        samples = self.read()
        self._monitor = self._log = None
        if self._metrics.wanted["power"] and not self._samples.knows_power:
            warn("Power is not known here: `resmon doctor` tells why")
        return samples

    def read(self) -> List[Sample]:
        """The samples since the last call."""
        if self._log is None:
            return []
        ticks = self._log.read()
        if self._log.session:
            self._samples.memory_total = self._log.session["machine"].get("memory_bytes")
        samples = [self._samples.add(_reading(tick)) for tick in ticks]
        return [sample for sample in samples if sample is not None]


def _reading(tick: Tick) -> Reading:
    values = tick.values
    return Reading(
        tick.elapsed,
        values.get("cpu_seconds_total"),
        values.get("memory_rss_bytes"),
        _total(values, "network_transmit_bytes_total{"),
        _total(values, "network_receive_bytes_total{"),
        Power(_rails(values, "power_watts{"), _rails(values, "power_energy_joules_total{")),
    )


def _total(values: Dict[str, float], prefix: str) -> Optional[float]:
    known = [value for name, value in values.items() if name.startswith(prefix)]
    return sum(known) if known else None


def _rails(values: Dict[str, float], prefix: str) -> Dict[Rail, float]:
    rails = {}
    for name, value in values.items():
        if name.startswith(prefix):
            labels = dict(_LABEL.findall(name))
            # The name of a package's zone is not unique in a machine with several.
            is_part_of_module = labels.get("device") == "module"
            rail = labels["rail"] if is_part_of_module else f"{labels['device']} {labels['rail']}"
            rails[Rail(rail, labels["scope"])] = value
    return rails
