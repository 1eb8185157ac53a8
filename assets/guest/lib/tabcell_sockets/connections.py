"""The open connections of a cell by their descriptors, which are far from those of files."""

import itertools
import math

import _net

from tabcell_sockets import failures

FOREVER = -1  # until the time limit of the script
_numbers = itertools.count(1 << 20)
_open = {}


class Connection:
    """What all sockets with one descriptor share. The handle is the host's, or None before
    connect."""

    __slots__ = ("handle", "peer", "peeked", "tls")

    def __init__(self):
        self.handle, self.peer, self.peeked, self.tls = None, None, b"", False


def add():
    """Returns a new descriptor, with a connection that is not connected."""
    number = next(_numbers)
    _open[number] = Connection()
    return number


def get(number):
    """Returns the connection of a descriptor, or None."""
    return _open.get(number)


def remove(number):
    """Closes a connection, if it is open."""
    connection = _open.pop(number, None)
    if connection is not None and connection.handle is not None:
        _net.close(connection.handle)


def milliseconds(seconds):
    """Returns a time limit as the host expects it. None waits, and 0 does not."""
    if seconds is None:
        return FOREVER
    return min(math.ceil(seconds * 1000), 2**31 - 1) if seconds > 0 else 0


def receive(connection, size, seconds, peek):
    """Returns at most size bytes, b"" at the end of the stream."""
    data, connection.peeked = connection.peeked, b""
    if not data:
        data = failures.check(_net.recv(connection.handle, min(size, 1 << 20), milliseconds(seconds)))
    if peek:
        connection.peeked = data
    elif len(data) > size:
        connection.peeked = data[size:]
    return data[:size]


def receive_into(connection, view, seconds):
    """Fills the view, which is writable, with received bytes and returns their number."""
    if connection.peeked:
        data = receive(connection, len(view), seconds, False)
        view[: len(data)] = data
        return len(data)
    return failures.check(_net.recv_into(connection.handle, view, milliseconds(seconds)))


def poll(wanted, seconds):
    """Waits for connections; wanted has the events for each descriptor. Returns the descriptors that
    are ready, with their events: 1 to read, 2 to write."""
    handles, ready = {}, {}
    for number, events in wanted.items():
        connection = get(number)
        if connection is not None and events & 1 and connection.peeked:
            ready[number] = 1
        if connection is not None and connection.handle is not None:
            handles[connection.handle] = number, events
    entries = [(handle, events) for handle, (_, events) in handles.items()]
    results = failures.check(_net.poll(entries, 0 if ready else milliseconds(seconds)))
    for (handle, events), result in zip(entries, results):
        if result & ~3:  # an error or the end: reading and writing report it
            result |= events
        if result & events:
            number = handles[handle][0]
            ready[number] = ready.get(number, 0) | result & events
    return ready
