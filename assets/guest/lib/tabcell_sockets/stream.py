"""The type of sockets in _socket: TCP from the cell to a server."""

import errno

import _net

from tabcell_sockets import connections, failures, names
from tabcell_sockets.names import AF_INET, AF_INET6, SOCK_STREAM, gaierror

SOCK_NONBLOCK = 0x800
SOL_SOCKET, SO_TYPE, SO_ERROR = 1, 3, 4
MSG_PEEK, MSG_DONTWAIT = 2, 0x40
IPPROTO_TCP = 6


class Defaults:
    timeout = None  # of new sockets, in seconds


def refuse(*args, **kwargs):
    raise OSError(errno.ENOTSUP, "a cell has no listening sockets, and none without TCP")


def check_timeout(seconds):
    """Returns a timeout in seconds, or None."""
    if seconds is not None and seconds < 0:
        raise ValueError("Timeout value out of range")
    return None if seconds is None else float(seconds)


class socket:
    """A socket. Those that share a descriptor share a connection."""

    __module__ = "_socket"
    __slots__ = ("_kind", "_timeout", "_number", "_options")

    def __init__(self, family=-1, type=-1, proto=-1, fileno=None):
        self._number = -1
        self._kind = (AF_INET if family == -1 else int(family), SOCK_STREAM if type == -1 else int(type) & 0xF, 0 if proto == -1 else proto)
        self._timeout, self._options = 0.0 if type != -1 and type & SOCK_NONBLOCK else Defaults.timeout, {}
        if fileno is None:
            _check_kind(*self._kind)
            self._number = connections.add()
        elif connections.get(fileno) is None:
            raise OSError(errno.EBADF, "Bad file descriptor")
        else:
            self._number = fileno

    family = property(lambda self: self._kind[0])
    type = property(lambda self: self._kind[1])
    proto = property(lambda self: self._kind[2])
    timeout = property(lambda self: self._timeout)

    def __del__(self):
        if getattr(self, "_number", -1) >= 0:
            connections.remove(self._number)

    def _connection(self, connected=True):
        connection = connections.get(self._number)
        if connection is None:
            raise OSError(errno.EBADF, "Bad file descriptor")
        if connected and connection.handle is None:
            raise OSError(errno.ENOTCONN, "Transport endpoint is not connected")
        return connection

    def fileno(self):
        return self._number

    def detach(self):
        number, self._number = self._number, -1
        return number

    def close(self):
        connections.remove(self.detach())

    def setblocking(self, flag):
        self._timeout = None if flag else 0.0

    def getblocking(self):
        return self._timeout != 0.0

    def settimeout(self, seconds):
        self._timeout = check_timeout(seconds)

    def gettimeout(self):
        return self._timeout

    def setsockopt(self, level, option, value, size=None):
        self._options[level, option] = value

    def getsockopt(self, level, option, size=0):
        """Returns the value that was set, or 0. The options have no effect."""
        if (level, option) == (SOL_SOCKET, SO_TYPE):
            return self.type
        if (level, option) == (SOL_SOCKET, SO_ERROR):
            return _pending_error(self._connection(False))
        value = self._options.get((level, option), 0)
        return bytes(value if isinstance(value, bytes) else size)[:size] if size else value

    def bind(self, address):
        """Accepts an address without a port, from which any connection begins."""
        if address[1]:
            refuse()

    def connect(self, address):
        connection = self._connection(False)
        if connection.handle is not None:
            raise OSError(errno.EISCONN, "Transport endpoint is already connected")
        host, port = _target(self.family, address)
        handle = _net.connect(host, port, connections.milliseconds(self._timeout))
        if handle < 0:
            raise failures.failure(handle)
        connection.handle, connection.peer = handle, (host, port) if self.family == AF_INET else (host, port, 0, 0)
        if self._timeout == 0.0 and connections.poll({self._number: 2}, 0) == {}:
            raise BlockingIOError(errno.EINPROGRESS, "Operation now in progress")

    def connect_ex(self, address):
        try:
            self.connect(address)
        except OSError as e:
            if isinstance(e, (gaierror, TimeoutError)) or e.errno is None:
                return errno.EAGAIN if isinstance(e, TimeoutError) else errno.EHOSTUNREACH
            return e.errno
        return 0

    def shutdown(self, how):
        failures.check(_net.shutdown(self._connection().handle, how))

    def getpeername(self):
        return self._connection().peer

    def getsockname(self):
        """Returns no address: the host has it, and a script does not learn it."""
        return ("0.0.0.0", 0) if self.family == AF_INET else ("::", 0, 0, 0)

    def send(self, data, flags=0):
        return failures.check(_net.send(self._connection().handle, data, self._wait(flags)))

    def sendall(self, data, flags=0):
        with memoryview(data) as view, view.cast("B") as rest:
            sent = 0
            while sent < len(rest):
                sent += self.send(rest[sent:], flags)

    def sendmsg(self, buffers, ancdata=(), flags=0, address=None):
        return self.send(b"".join(buffers), flags)

    def sendto(self, data, *flags_and_address):
        return self.send(data)

    def recv(self, size, flags=0):
        if size < 0:
            raise ValueError("negative buffersize in recv")
        seconds = 0.0 if flags & MSG_DONTWAIT else self._timeout
        return connections.receive(self._connection(), size, seconds, bool(flags & MSG_PEEK)) if size else b""

    def recv_into(self, buffer, nbytes=0, flags=0):
        with memoryview(buffer) as view, view.cast("B") as target:
            size = nbytes or len(target)
            if flags & (MSG_PEEK | MSG_DONTWAIT):
                data = self.recv(size, flags)
                target[: len(data)] = data
                return len(data)
            return connections.receive_into(self._connection(), target[:size], self._timeout) if size else 0

    def recvfrom(self, size, flags=0):
        return self.recv(size, flags), self.getpeername()

    def recvfrom_into(self, buffer, nbytes=0, flags=0):
        return self.recv_into(buffer, nbytes, flags), self.getpeername()

    def recvmsg(self, size, ancbufsize=0, flags=0):
        return self.recv(size, flags), [], 0, self.getpeername()

    def _wait(self, flags):
        return 0 if flags & MSG_DONTWAIT else connections.milliseconds(self._timeout)

    accept = _accept = listen = recvmsg_into = refuse


def _check_kind(family, kind, proto):
    if family not in (AF_INET, AF_INET6):
        raise OSError(errno.EAFNOSUPPORT, "a cell has sockets of the families AF_INET and AF_INET6 only")
    if kind != SOCK_STREAM or proto not in (0, IPPROTO_TCP):
        raise OSError(errno.EPROTONOSUPPORT, "a cell has TCP sockets only, neither UDP nor raw ones")


def _target(family, address):
    """Returns the address and the port of a server."""
    if not isinstance(address, tuple) or len(address) < 2:
        raise TypeError(f"AF_INET address must be tuple, not {type(address).__name__}")
    host, port = address[:2]
    if not isinstance(port, int):
        raise TypeError(f"'{type(port).__name__}' object cannot be interpreted as an integer")
    if not 0 <= port <= 0xFFFF:
        raise OverflowError("connect(): port must be 0-65535.")
    for found in names.resolve(host or "127.0.0.1", port):
        if names.family_of(found) == family:
            return found, port
    raise gaierror(-9, "Address family for hostname not supported")


def _pending_error(connection):
    """Returns the outcome of a connect that did not wait: a number of errno, or 0."""
    if connection.handle is None:
        return 0
    code = int(_net.info(connection.handle, _net.INFO_ERROR) or 0)
    return failures.number(-code) if code else 0
