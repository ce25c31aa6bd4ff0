"""The interface of pyml's monitor: ``progress``, ``usage`` and ``log``. There is no server to start: resmon is it."""
