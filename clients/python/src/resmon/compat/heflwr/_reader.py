"""Reads this process and its children, and the machine, from inside: the same numbers as resmon from outside."""

import os
import sys
import time
from typing import Dict, Iterable, List, Optional, Tuple

from resmon._warning import warn
from resmon.compat.heflwr._board import find_powers
from resmon.compat.heflwr._power import NO_POWER, Power
from resmon.compat.heflwr._samples import Reading

_IS_LINUX = sys.platform == "linux"
_HEADER_LINES = 2


class OwnReader:
    """Takes readings of this process. On other systems than Linux only the CPU time is known; the first reading says so."""

    def __init__(self) -> None:
        self.memory_total = _memory_total() if _IS_LINUX else None
        self._interfaces: Iterable[str] = ()
        self._powers = find_powers()
        self._tick = 1 / os.sysconf("SC_CLK_TCK") if _IS_LINUX else 0.0
        self._cpu = 0.0

    def tell_missing(self, power: bool) -> None:
        """Warns of what this machine does not tell."""
        if not _IS_LINUX:
            warn("thread_monitor knows only the CPU time on this system: use process_monitor")
        elif power and not self._powers:
            warn("Power is not known here: there is no INA3221 of a Jetson, and no readable energy_uj in /sys/class/powercap")

    def read(self, power: bool) -> Reading:
        """One reading, the power only where it is wanted."""
        at = time.monotonic()
        if not _IS_LINUX:
            times = os.times()
            cpu = time.process_time() + times.children_user + times.children_system
            return Reading(at, cpu, None, None, None, NO_POWER)
        cpu, memory = self._read_tree()
        sent, received = self._read_network()
        return Reading(at, cpu, memory, sent, received, self._read_power() if power else NO_POWER)

    # What a child has used passes to the one that waits for it, this process or another child, so that the sum goes on.
    def _read_tree(self) -> Tuple[float, float]:
        own = _read_stat(os.getpid())
        cpu, memory = time.process_time(), 0.0
        if own is not None:
            cpu += (own[13] + own[14]) * self._tick
            memory = _resident(own)
        for pid in _descendants(os.getpid()):
            stat = _read_stat(pid)
            if stat is not None:
                cpu += (stat[11] + stat[12] + stat[13] + stat[14]) * self._tick
                memory += _resident(stat)
        # One that was waited for while they were read is in neither: it comes with the next reading.
        self._cpu = max(self._cpu, cpu)
        return self._cpu, memory

    def _read_network(self) -> Tuple[Optional[float], Optional[float]]:
        counters = _read_net_dev()
        self._interfaces = self._interfaces or _chosen(list(counters))
        known = [counters[name] for name in self._interfaces if name in counters]
        if not known:
            return None, None
        return sum(sent for sent, _ in known), sum(received for _, received in known)

    def _read_power(self) -> Power:
        return self._powers.read() if self._powers else NO_POWER


def _resident(stat: List[int]) -> float:
    return float(stat[21] * os.sysconf("SC_PAGE_SIZE"))


# The fields of /proc/<pid>/stat from the third on, see proc_pid_stat(5): the state, which is no number, is left as 0.
def _read_stat(pid: int) -> Optional[List[int]]:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            text = file.read()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text[text.rindex(b")") + 2 :].split()
    return [0, *map(int, fields[1:])]


def _descendants(pid: int) -> List[int]:
    found = _children(pid)
    for child in found:
        found += _children(child)
    return found


def _children(pid: int) -> List[int]:
    children: List[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
                children += map(int, file.read().split())
    except (FileNotFoundError, ProcessLookupError):
        pass  # It has just ended, or this kernel has no such lists.
    return children


def _memory_total() -> float:
    with open("/proc/meminfo", encoding="ascii") as file:
        for line in file:
            name, _, value = line.partition(":")
            if name == "MemTotal":
                return float(value.split()[0]) * 1024
    raise OSError("Cannot read /proc/meminfo: MemTotal is missing")


# By interface: bytes sent and received, see proc_pid_net(5).
def _read_net_dev() -> Dict[str, Tuple[float, float]]:
    with open("/proc/net/dev", encoding="utf-8", errors="surrogateescape") as file:
        lines = file.read().splitlines()[_HEADER_LINES:]
    counters = {}
    for line in lines:
        name, _, values = line.rpartition(":")
        fields = values.split()
        counters[name.strip()] = (float(fields[8]), float(fields[0]))
    return counters


# Those that stand for "the network", as in collectors/network_linux.ts: what is virtual is in one of them as well.
def _chosen(names: List[str]) -> List[str]:
    routed = _default_routes()
    chosen = [name for name in names if name in routed or os.path.lexists(f"/sys/class/net/{name}/device")]
    return chosen or [name for name in names if name != "lo"]


def _default_routes() -> List[str]:
    try:
        with open("/proc/net/route", encoding="utf-8", errors="surrogateescape") as file:
            rows = [line.split() for line in file]
    except FileNotFoundError:
        return []
    return [row[0] for row in rows if len(row) > 7 and row[1] == row[7] == "00000000"]
