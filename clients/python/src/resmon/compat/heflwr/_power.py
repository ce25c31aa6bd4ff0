"""heflwr's three powers, from the rails of a board or the energy counters of a processor."""

from typing import Dict, Iterable, NamedTuple, Optional, Tuple

MILLI = 1000


class Rail(NamedTuple):
    """A rail: its name, and what it covers, as resmon's label ``scope`` tells: ``module``, ``package``, ``rail``…"""

    name: str
    scope: str


class Power(NamedTuple):
    """The rails at one instant: some draw watts, some have counted joules."""

    watts: Dict[Rail, float]
    joules: Dict[Rail, float]

    def since(self, before: "Power", seconds: float) -> Tuple[Optional[float], Optional[float], Optional[float]]:
        """``vdd_in``, ``vdd_cpu_gpu_cv`` and ``vdd_soc`` in watts, over the time since another instant; None is not known."""
        counted = {
            rail: (joules - before.joules[rail]) / seconds
            for rail, joules in self.joules.items()
            # A counter that wrapped is left out for one sample.
            if joules >= before.joules.get(rail, joules + 1)
        }
        rails = {**counted, **self.watts}
        parts = {rail.name: watts for rail, watts in rails.items()}
        return _whole(rails), _first(parts, [["VDD_CPU_GPU_CV"], ["CPU", "GPU", "CV"]]), _first(parts, [["VDD_SOC"], ["SOC"]])


NO_POWER = Power({}, {})

# The rails that add up to a whole module, by board, as in collectors/jetson_rails.ts.
_WHOLE_MODULES = (
    ("VDD_IN",),
    ("POM_5V_IN",),
    ("VIN",),
    ("GPU", "CPU", "SOC", "CV", "VDDRQ", "SYS5V"),
    ("VDD_GPU_SOC", "VDD_CPU_CV", "VIN_SYS_5V0"),
)


def module_rails(watts: Dict[str, float]) -> Dict[Rail, float]:
    """The rails of a Jetson by their names, told apart into those that are the whole module and those that are parts."""
    whole: Iterable[str] = next((names for names in _WHOLE_MODULES if all(name in watts for name in names)), ())
    return {Rail(name, "module" if name in whole else "rail"): value for name, value in watts.items()}


def _whole(rails: Dict[Rail, float]) -> Optional[float]:
    # A module's total has no package in it twice: a machine has the one or the other.
    for scope in ("module", "package"):
        known = [watts for rail, watts in rails.items() if rail.scope == scope]
        if known:
            return sum(known)
    return None


def _first(watts: Dict[str, float], choices: Iterable[Iterable[str]]) -> Optional[float]:
    for names in choices:
        if all(name in watts for name in names):
            return sum(watts[name] for name in names)
    return None
