"""Stub of select, which asyncio's loop uses. No file descriptor ever becomes ready, so a wait only
sleeps, and a wait without a timeout fails."""

import time as _time

error = OSError


class _Select:
    """The type of select. selectors stores select as a class attribute, which would turn a plain
    function into a method."""

    def __call__(self, rlist, wlist, xlist, timeout=None):
        """Sleeps for timeout seconds and returns empty lists."""
        if timeout is None:
            raise OSError("a wait without a timeout would never end in a cell")
        if timeout < 0:
            raise ValueError("timeout must be non-negative")
        _time.sleep(timeout)
        return [], [], []


select = _Select()
