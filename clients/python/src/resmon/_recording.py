"""The resmon process that records another one."""

import tempfile
from typing import IO, List

from resmon._detached import Detached


class Recorder(Detached):
    """A running ``resmon attach``. It ends with :meth:`stop`, or by itself when the process that it records ends."""

    def __init__(self, words: List[str]) -> None:
        """Starts the program. Raises OSError where that cannot be done."""
        self._stderr: IO[bytes] = tempfile.TemporaryFile()
        super().__init__(words, self._stderr)

    def complaint(self) -> str:
        """What it said on stderr."""
        self._stderr.seek(0)
        return self._stderr.read().decode("utf-8", "replace").strip()

    def close(self) -> None:
        self._stderr.close()
        super().close()
