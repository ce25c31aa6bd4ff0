"""A folder that goes with those who hold it."""

import os
import shutil
import tempfile
import weakref


class TemporaryFolder:
    """Removed when nobody refers to it, or with the interpreter; never by a forked child."""

    def __init__(self, prefix: str) -> None:
        self.path = tempfile.mkdtemp(prefix=prefix)
        weakref.finalize(self, _remove, self.path, os.getpid())


def _remove(path: str, owner: int) -> None:
    if os.getpid() == owner:
        shutil.rmtree(path, ignore_errors=True)
