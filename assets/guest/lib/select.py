"""select, which waits for the connections of a cell. Other descriptors never become ready: files
have no need of it, and the pairs of asyncio transfer no data."""

import errno as _errno
import time as _time

from tabcell_sockets import connections as _connections

error = OSError
_READ, _WRITE = 1, 2


def _number(source):
    number = source if isinstance(source, int) else source.fileno()
    if number < 0:
        raise ValueError("file descriptor cannot be a negative integer (-1)")
    return number


def _connected(numbers):
    return any(c is not None and c.handle is not None for c in map(_connections.get, numbers))


class _Select:
    """The type of select. selectors stores select as a class attribute, which would turn a plain
    function into a method."""

    def __call__(self, rlist, wlist, xlist, timeout=None):
        """Waits until an object is ready or timeout seconds have passed. Returns three lists, of which
        the last is empty."""
        if timeout is not None and timeout < 0:
            raise ValueError("timeout must be non-negative")
        readers, writers = [(_number(o), o) for o in rlist], [(_number(o), o) for o in wlist]
        wanted = {}
        for event, entries in ((_READ, readers), (_WRITE, writers)):
            for number, _ in entries:
                wanted[number] = wanted.get(number, 0) | event
        if not _connected(wanted):
            return self._sleep(timeout)
        ready = _connections.poll(wanted, timeout)
        return [o for n, o in readers if ready.get(n, 0) & _READ], [o for n, o in writers if ready.get(n, 0) & _WRITE], []

    @staticmethod
    def _sleep(timeout):
        if timeout is None:
            raise OSError(_errno.EDEADLK, "a wait without a timeout would never end in a cell")
        _time.sleep(timeout)
        return [], [], []


select = _Select()
