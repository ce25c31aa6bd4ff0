"""How heflwr spells samples: in files, in messages to a server, for Prometheus."""

import time
from typing import List

from resmon.compat.heflwr._samples import Sample


def file_header() -> str:
    """The line that begins each period in a file: the local time, to the second."""
    return time.strftime("%Y-%m-%d %H:%M:%S") + "\n"


def file_line(sample: Sample) -> str:
    """A sample as a line of a file: ``CPU Usage: 99.9%, Memory Usage: 0.1%, …``; what is off or not known is left out."""
    return _spell(sample, ("CPU Usage", "VDD Cpu_Gpu_Cv", "VDD Soc")) + "\n"


def message(sample: Sample) -> str:
    """A sample as it is sent to a server, which differs from the file in three names."""
    return _spell(sample, ("Cpu Usage", "VDD cpu_gpu_cv", "VDD soc"))


_GAUGES = (
    ("cpu_usage", "CPU usage percentage", "cpu"),
    ("memory_usage", "Memory usage percentage", "memory"),
    ("bytes_sent", "Bytes sent", "sent"),
    ("bytes_recv", "Bytes recv", "received"),
    ("vdd_in", "VDD in", "vdd_in"),
    ("vdd_cpu_gpu_cv", "VDD cpu_gpu_cv", "vdd_cpu_gpu_cv"),
    ("vdd_soc", "VDD soc", "vdd_soc"),
)


def exposition(sample: Sample) -> str:
    """A sample in Prometheus' text format; what is off or not known is absent."""
    lines: List[str] = []
    for name, help_text, field in _GAUGES:
        value = getattr(sample, field)
        if value is not None:
            lines += [f"# HELP {name} {help_text}", f"# TYPE {name} gauge", f"{name} {value}"]
    return "".join(f"{line}\n" for line in lines)


def _spell(sample: Sample, names: "tuple[str, str, str]") -> str:
    cpu, cpu_gpu_cv, soc = names
    words = (
        (cpu, sample.cpu, "%"),
        ("Memory Usage", sample.memory, "%"),
        ("Bytes Sent", sample.sent, ""),
        ("Bytes Recv", sample.received, ""),
        ("VDD In", sample.vdd_in, ""),
        (cpu_gpu_cv, sample.vdd_cpu_gpu_cv, ""),
        (soc, sample.vdd_soc, ""),
    )
    return "".join(f"{name}: {value}{unit}, " for name, value, unit in words if value is not None)
