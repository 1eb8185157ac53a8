"""_socket for the connections that a grant allows: TCP from the cell to a server. Without a grant,
connecting fails with a PermissionError that names the target.

There are no listening sockets, no UDP, no raw and no local sockets. Only socketpair returns sockets
of a family that cannot be connected. They transfer no data: asyncio's loop uses a pair to wake
itself from another thread, and a cell has only one."""

import errno as _errno

from tabcell_sockets import connections as _connections
from tabcell_sockets.failures import gaierror, herror
from tabcell_sockets.names import (
    getaddrinfo, gethostbyaddr, gethostbyname, gethostbyname_ex, gethostname, getnameinfo, getprotobyname, getservbyname, getservbyport,
    inet_aton, inet_ntoa, inet_ntop, inet_pton,
)  # fmt: skip
from tabcell_sockets.stream import Defaults as _Defaults
from tabcell_sockets.stream import check_timeout as _check_timeout
from tabcell_sockets.stream import refuse as _refuse
from tabcell_sockets.stream import socket

error, timeout = OSError, TimeoutError
has_ipv6 = True
AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6 = 0, 1, 2, 10
SOCK_STREAM, SOCK_DGRAM, SOCK_RAW = 1, 2, 3
SOCK_NONBLOCK, SOCK_CLOEXEC = 0x800, 0x80000
SOL_SOCKET, SO_REUSEADDR, SO_TYPE, SO_ERROR, SO_BROADCAST, SO_SNDBUF, SO_RCVBUF, SO_KEEPALIVE, SO_LINGER = 1, 2, 3, 4, 6, 7, 8, 9, 13
SOMAXCONN = 4096
IPPROTO_IP, IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_IPV6 = 0, 1, 6, 17, 41
TCP_NODELAY, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT = 1, 4, 5, 6
IPV6_V6ONLY = 26
INADDR_ANY, INADDR_LOOPBACK, INADDR_BROADCAST = 0, 0x7F000001, 0xFFFFFFFF
SHUT_RD, SHUT_WR, SHUT_RDWR = 0, 1, 2
MSG_OOB, MSG_PEEK, MSG_DONTWAIT, MSG_WAITALL, MSG_NOSIGNAL = 1, 2, 0x40, 0x100, 0x4000
AI_PASSIVE, AI_CANONNAME, AI_NUMERICHOST, AI_NUMERICSERV, AI_ADDRCONFIG = 1, 2, 4, 0x400, 0x20
NI_NUMERICHOST, NI_NUMERICSERV, NI_NAMEREQD, NI_DGRAM = 1, 2, 8, 16
EAI_FAMILY, EAI_NONAME, EAI_SERVICE, EAI_FAIL, EAI_AGAIN = -6, -2, -8, -4, -3

if_nameindex = if_nametoindex = if_indextoname = sethostname = _refuse


def getdefaulttimeout():
    return _Defaults.timeout


def setdefaulttimeout(seconds):
    _Defaults.timeout = _check_timeout(seconds)


SocketType = socket


def socketpair(family=AF_UNIX, type=SOCK_STREAM, proto=0):
    return tuple(socket(family, type, proto, _connections.add()) for _ in range(2))


def dup(number):
    """Fails: a connection has one descriptor, whose close ends it."""
    raise OSError(_errno.ENOTSUP, "a socket cannot be duplicated in a cell")


def close(number):
    if _connections.get(number) is None:
        raise OSError(_errno.EBADF, "Bad file descriptor")
    _connections.remove(number)


def htons(x):
    return int.from_bytes(x.to_bytes(2, "little"), "big")


def htonl(x):
    return int.from_bytes(x.to_bytes(4, "little"), "big")


ntohs, ntohl = htons, htonl
