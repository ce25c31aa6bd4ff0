"""Power of this machine from sysfs: the INA3221 of a Jetson, else the energy counters of the processor (RAPL)."""

import glob
import os
from typing import Dict, Optional

from resmon.compat.heflwr._power import Power, Rail, module_rails

_MILLION = 1_000_000
_THOUSAND = 1000


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
        watts = {name: _rail_watts(prefix, number) for name, (prefix, number) in self._rails.items()}
        joules = {zone: _number(path) for zone, path in self._zones.items()}
        known = {name: value for name, value in watts.items() if value is not None}
        return Power(
            module_rails(known),
            {zone: value / _MILLION for zone, value in joules.items() if value is not None},
        )


def find_powers() -> Optional[Powers]:
    """The sources of power of this machine; None where it has none."""
    return Powers() or None


# Three channels a chip: by the kernel's driver in*_label, in*_input (mV) and curr*_input (mA); by NVIDIA's older one
# rail_name_* and in_power*_input (mW).
def _find_rails(root: str) -> Dict[str, "tuple[str, str]"]:
    rails = {}
    for label in sorted(glob.glob(f"{root}/bus/i2c/drivers/ina3221/*/hwmon/hwmon*/in[1-3]_label")):
        folder, file = os.path.split(label)
        rails[_text(label)] = (folder, file[2])
    for label in sorted(glob.glob(f"{root}/bus/i2c/drivers/ina3221x/*/iio:device*/rail_name_[0-2]")):
        folder, file = os.path.split(label)
        rails[_text(label)] = (folder, file[-1])
    return {name: place for name, place in rails.items() if name not in ("", "NC")}


def _rail_watts(folder: str, number: str) -> Optional[float]:
    milliwatts = _number(f"{folder}/in_power{number}_input")
    if milliwatts is not None:
        return milliwatts / _THOUSAND
    millivolts, milliamperes = _number(f"{folder}/in{number}_input"), _number(f"{folder}/curr{number}_input")
    return None if millivolts is None or milliamperes is None else millivolts * milliamperes / _MILLION


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
