"""Power of this machine from sysfs: the INA3221 of a Jetson, else the energy counters of the processor (RAPL)."""

import glob
import os
from functools import partial
from typing import Callable, Dict, List, Optional

from resmon.compat.heflwr._power import Power, Rail, module_rails

_MILLION = 1_000_000
_THOUSAND = 1000
_DRIVERS = ("ina3221", "ina3221x", "ina238")

Reader = Callable[[], Optional[float]]


class Powers:
    """The sources of power that this machine has; none, and it is false."""

    def __init__(self, root: str = "/sys") -> None:
        """:param root: where sysfs is; another folder in tests."""
        self._rails = _find_rails(root)
        self._zones = {} if self._rails else _find_zones(root)

    def __bool__(self) -> bool:
        return bool(self._rails or self._zones)

    def read(self) -> Power:
        """What can be read of them now."""
        watts = {name: read() for name, read in self._rails.items()}
        joules = {zone: _number(path) for zone, path in self._zones.items()}
        known = {name: value for name, value in watts.items() if value is not None}
        return Power(
            module_rails(known),
            {zone: value / _MILLION for zone, value in joules.items() if value is not None},
        )


def find_powers() -> Optional[Powers]:
    """The sources of power of this machine; None where it has none."""
    return Powers() or None


# As in collectors/jetson_rails_linux.ts: by the kernel's driver in*_label, in*_input (mV) and curr*_input (mA); by NVIDIA's
# older one rail_name_* and in_power*_input (mW). Thor's INA238 measures all that goes into the module (uW).
def _find_rails(root: str) -> Dict[str, Reader]:
    rails: Dict[str, Reader] = {}
    chips = _find_chips(root)
    for chip in chips:
        for label in sorted(glob.glob(f"{chip}/hwmon/hwmon*/in[1-3]_label")):
            folder, file = os.path.split(label)
            if _text(f"{folder}/{file[:3]}_enable") != "0":
                rails[_text(label)] = partial(_product, f"{folder}/{file[:3]}_input", f"{folder}/curr{file[2]}_input")
        for label in sorted(glob.glob(f"{chip}/iio:device*/rail_name_[0-2]")):
            folder, file = os.path.split(label)
            rails[_text(label)] = partial(_share, f"{folder}/in_power{file[-1]}_input", _THOUSAND)
    if rails:
        for chip in chips:
            for path in glob.glob(f"{chip}/hwmon/hwmon*/power1_input"):
                rails["VIN"] = partial(_share, path, _MILLION)
    return {name: read for name, read in rails.items() if name not in ("", "NC")}


def _find_chips(root: str) -> List[str]:
    bound = [chip for driver in _DRIVERS for chip in glob.glob(f"{root}/bus/i2c/drivers/{driver}/*-*")]
    named = [chip for chip in glob.glob(f"{root}/bus/i2c/devices/*-*") if _text(f"{chip}/name") in _DRIVERS]
    return sorted([*bound, *named])


def _product(volts: str, amperes: str) -> Optional[float]:
    millivolts, milliamperes = _number(volts), _number(amperes)
    return None if millivolts is None or milliamperes is None else millivolts * milliamperes / _MILLION


def _share(path: str, parts: int) -> Optional[float]:
    value = _number(path)
    return None if value is None else value / parts


# `package-0`, and beside it `dram`; `core` and `uncore` are parts of their package.
def _find_zones(root: str) -> Dict[Rail, str]:
    zones = {}
    for folder in sorted(glob.glob(f"{root}/class/powercap/intel-rapl:*")):
        name, path = _text(f"{folder}/name"), f"{folder}/energy_uj"
        if (name.startswith("package") or name == "dram") and _number(path) is not None:
            zones[Rail(f"{name} {os.path.basename(folder)}", "package")] = path
    return zones


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return ""


def _number(path: str) -> Optional[float]:
    # A rail that is off, a counter that only root may read.
    text = _text(path)
    return float(text) if text.lstrip("-").isdigit() else None
