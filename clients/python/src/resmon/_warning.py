"""Warnings that name a line of the program, wherever in this package they arise."""

import os
import sys
import warnings
from types import FrameType
from typing import Optional

_PACKAGE = os.path.dirname(__file__) + os.sep


def warn(text: str) -> None:
    """Warns, by a RuntimeWarning, at the line outside of this package that led here."""
    frame: Optional[FrameType] = sys._getframe()
    level = 1
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
        level += 1
    warnings.warn(text, RuntimeWarning, stacklevel=level)
