"""The numbers of heflwr's monitors, from readings of counters."""

import threading
from typing import Any, Dict, List, NamedTuple, Optional

from resmon.compat.heflwr._power import MILLI, Power


class Reading(NamedTuple):
    """What was read at one instant of the watched process and its children, and of the machine; None is not known."""

    #: Monotonic seconds.
    at: float
    #: CPU seconds so far.
    cpu: Optional[float]
    #: Resident bytes.
    memory: Optional[float]
    #: Bytes of all interfaces so far.
    sent: Optional[float]
    received: Optional[float]
    power: Power


class Sample(NamedTuple):
    """What happened between two readings, in heflwr's units; None is off or not known."""

    seconds: float
    #: Percent; 100 is one core.
    cpu: Optional[float]
    #: Percent of the memory of the machine.
    memory: Optional[float]
    sent: Optional[int]
    received: Optional[int]
    #: Milliwatts.
    vdd_in: Optional[int]
    vdd_cpu_gpu_cv: Optional[int]
    vdd_soc: Optional[int]


_STATS = {
    "cpu_usage": "cpu",
    "memory_usage": "memory",
    "network_bytes_sent": "sent",
    "network_bytes_recv": "received",
    "power_vdd_in": "vdd_in",
    "power_vdd_cpu_gpu_cv": "vdd_cpu_gpu_cv",
    "power_vdd_soc": "vdd_soc",
}


class Metrics:
    """Which of the four kinds of numbers are wanted."""

    def __init__(self) -> None:
        self.wanted = {"cpu": True, "memory": True, "network": True, "power": False}

    def with_changes(self, **wanted: bool) -> Dict[str, bool]:
        """What is wanted with some changes. Raises ValueError and TypeError, with heflwr's texts."""
        for name, value in wanted.items():
            if name not in self.wanted:
                raise ValueError(f"Metric '{name}' is not supported. Available metrics: {list(self.wanted)}")
            if not isinstance(value, bool):
                raise TypeError(f"Value for metric '{name}' must be a boolean, got {type(value)} instead.")
        return {**self.wanted, **wanted}


class Samples:
    """Collects samples over one or several periods of monitoring, from any thread."""

    def __init__(self, metrics: Metrics) -> None:
        self.memory_total: Optional[float] = None
        self._metrics = metrics
        self._list: List[Sample] = []
        self._before: Optional[Reading] = None
        self._lock = threading.Lock()

    @property
    def knows_power(self) -> bool:
        """Whether any sample has the power of the board."""
        with self._lock:
            return any(sample.vdd_in is not None for sample in self._list)

    def begin(self) -> None:
        """A new period: what happened since the last reading does not count."""
        with self._lock:
            self._before = None

    def add(self, reading: Reading) -> Optional[Sample]:
        """Takes a reading; gives the sample that it completes. The first of a period completes none."""
        with self._lock:
            before, self._before = self._before, reading
            if before is None or reading.at <= before.at:
                return None
            sample = self._sample(before, reading)
            self._list.append(sample)
            return sample

    def stats(self) -> Dict[str, List[Any]]:
        """All samples by heflwr's keys."""
        with self._lock:
            return {key: [value for value in self._values(name) if value is not None] for key, name in _STATS.items()}

    def summary(self) -> Dict[str, float]:
        """heflwr's seven numbers: means by time in percent, bytes, millijoules; 0 where there is no sample, as there."""
        with self._lock:
            return {
                "avg_cpu_usage": self._mean("cpu"),
                "avg_memory_usage": self._mean("memory"),
                "total_network_bytes_sent": self._total("sent"),
                "total_network_bytes_recv": self._total("received"),
                "total_power_vdd_in": self._energy("vdd_in"),
                "total_power_vdd_cpu_gpu_cv": self._energy("vdd_cpu_gpu_cv"),
                "total_power_vdd_soc": self._energy("vdd_soc"),
            }

    def _sample(self, before: Reading, now: Reading) -> Sample:
        seconds = now.at - before.at
        wanted = self._metrics.wanted
        cpu = _increase(before.cpu, now.cpu) if wanted["cpu"] else None
        sent = _increase(before.sent, now.sent) if wanted["network"] else None
        received = _increase(before.received, now.received) if wanted["network"] else None
        power = now.power.since(before.power, seconds) if wanted["power"] else None
        return Sample(
            seconds,
            None if cpu is None else round(100 * cpu / seconds, 1),
            _share(now.memory, self.memory_total) if wanted["memory"] else None,
            None if sent is None else int(sent),
            None if received is None else int(received),
            *(_milliwatts(watts) for watts in (power or (None, None, None))),
        )

    def _values(self, name: str) -> List[Any]:
        return [getattr(sample, name) for sample in self._list]

    def _mean(self, name: str) -> float:
        known = [(value, sample.seconds) for value, sample in zip(self._values(name), self._list) if value is not None]
        seconds = sum(seconds for _, seconds in known)
        return float(sum(value * seconds for value, seconds in known)) / seconds if seconds else 0

    def _total(self, name: str) -> int:
        return sum(value for value in self._values(name) if value is not None)

    def _energy(self, name: str) -> float:
        known = zip(self._values(name), self._list)
        return float(sum(value * sample.seconds for value, sample in known if value is not None))


def _increase(before: Optional[float], now: Optional[float]) -> Optional[float]:
    if before is None or now is None:
        return None
    # A counter that steps back was made anew.
    return max(0.0, now - before)


def _share(part: Optional[float], whole: Optional[float]) -> Optional[float]:
    return 100 * part / whole if part is not None and whole else None


def _milliwatts(watts: Optional[float]) -> Optional[int]:
    return None if watts is None else round(watts * MILLI)
