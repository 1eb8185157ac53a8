"""Stand-in for select: there is nothing to wait for but time, so a wait without a limit fails at once. asyncio's loop stands on this."""

import time as _time

error = OSError


class _Select:
    """Not a plain function: selectors keeps it as an attribute of a class, where a function would become a method."""

    def __call__(self, rlist, wlist, xlist, timeout=None):
        """Sleeps for timeout seconds; nothing is ever ready."""
        if timeout is None:
            raise OSError("nothing in a cell could end this wait")
        if timeout < 0:
            raise ValueError("timeout must be non-negative")
        _time.sleep(timeout)
        return [], [], []


select = _Select()
