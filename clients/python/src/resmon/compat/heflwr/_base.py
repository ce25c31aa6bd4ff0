"""What heflwr's monitors have in common."""

import os
from typing import Any, Dict, List

from resmon.compat.heflwr._samples import Metrics, Samples


class BaseMonitor:
    """A monitor of this process, with its samples so far."""

    def __init__(self, interval: float) -> None:
        """:param interval: seconds between two samples."""
        self.pid = os.getpid()
        self.interval = interval
        self._metrics = Metrics()
        self._samples = Samples(self._metrics)

    @property
    def metrics(self) -> Dict[str, bool]:
        """Which metrics are on."""
        return dict(self._metrics.wanted)

    def stats(self) -> Dict[str, List[Any]]:
        """The samples so far, by heflwr's keys: percent, percent, bytes, bytes, and three in milliwatts."""
        self._take()
        return self._samples.stats()

    def summary(self) -> Dict[str, float]:
        """heflwr's seven numbers so far: percent, percent, bytes, bytes, and three in millijoules."""
        self._take()
        return self._samples.summary()

    def _take(self) -> None:
        """Takes the samples that wait to be taken."""
