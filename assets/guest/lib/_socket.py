"""Stub of _socket. The socket module can be imported, and all functions that would use the network
fail.

Only socketpair returns sockets. They transfer no data: asyncio's loop uses a pair to wake itself
from another thread, and a cell has only one."""

import errno as _errno

_REFUSAL = "the network is not available in a cell"

error, timeout = OSError, TimeoutError
has_ipv6 = False
AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6 = 0, 1, 2, 10
SOCK_STREAM, SOCK_DGRAM, SOCK_RAW = 1, 2, 3
SOCK_NONBLOCK, SOCK_CLOEXEC = 0x800, 0x80000
SOL_SOCKET, SO_REUSEADDR, SO_TYPE, SO_ERROR, SO_BROADCAST, SO_SNDBUF, SO_RCVBUF, SO_KEEPALIVE = 1, 2, 3, 4, 6, 7, 8, 9
SOMAXCONN = 4096
IPPROTO_IP, IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_IPV6 = 0, 1, 6, 17, 41
TCP_NODELAY = 1
IPV6_V6ONLY = 26
INADDR_ANY, INADDR_LOOPBACK, INADDR_BROADCAST = 0, 0x7F000001, 0xFFFFFFFF
SHUT_RD, SHUT_WR, SHUT_RDWR = 0, 1, 2
MSG_OOB, MSG_PEEK, MSG_DONTWAIT, MSG_WAITALL, MSG_NOSIGNAL = 1, 2, 0x40, 0x100, 0x4000
AI_PASSIVE, AI_CANONNAME, AI_NUMERICHOST, AI_NUMERICSERV, AI_ADDRCONFIG = 1, 2, 4, 0x400, 0x20
NI_NUMERICHOST, NI_NUMERICSERV, NI_NAMEREQD, NI_DGRAM = 1, 2, 8, 16
EAI_FAMILY, EAI_NONAME, EAI_SERVICE, EAI_FAIL, EAI_AGAIN = -6, -2, -8, -4, -3


class herror(OSError):
    pass


class gaierror(OSError):
    pass


def _refuse(*args, **kwargs):
    raise OSError(_errno.ENETUNREACH, _REFUSAL)


def _unknown_host(*args, **kwargs):
    raise gaierror(EAI_FAIL, _REFUSAL)


getaddrinfo = getnameinfo = gethostbyaddr = gethostbyname = gethostbyname_ex = _unknown_host
getservbyname = getservbyport = getprotobyname = if_nameindex = if_nametoindex = if_indextoname = sethostname = dup = close = _refuse


def gethostname():
    return "localhost"


def getdefaulttimeout():
    return _default_timeout


def setdefaulttimeout(seconds):
    global _default_timeout
    _default_timeout = seconds


_default_timeout = None
_next_descriptor = 1 << 20  # far from file descriptors


class socket:
    """A socket of socketpair, which passes its descriptor. Without one, the constructor fails."""

    __slots__ = ("_kind", "_timeout", "_fileno")

    def __init__(self, family=AF_INET, type=SOCK_STREAM, proto=0, fileno=None):
        if fileno is None:
            _refuse()
        self._kind, self._timeout, self._fileno = (family, type, proto), None, fileno

    family = property(lambda self: self._kind[0])
    type = property(lambda self: self._kind[1])
    proto = property(lambda self: self._kind[2])
    timeout = property(lambda self: self._timeout)

    def fileno(self):
        return self._fileno

    def detach(self):
        fileno, self._fileno = self._fileno, -1
        return fileno

    def close(self):
        self._fileno = -1

    def shutdown(self, how):
        pass

    def setblocking(self, flag):
        self._timeout = None if flag else 0.0

    def getblocking(self):
        return self._timeout != 0.0

    def settimeout(self, seconds):
        self._timeout = seconds

    def gettimeout(self):
        return self._timeout

    def setsockopt(self, *args):
        pass

    def send(self, data, flags=0):
        return len(data)

    def recv(self, size, flags=0):
        raise BlockingIOError(_errno.EAGAIN, "no data arrives in a cell")

    accept = _accept = bind = connect = connect_ex = listen = getpeername = getsockname = getsockopt = _refuse
    recv_into = recvfrom = recvfrom_into = recvmsg = sendall = sendmsg = sendto = _refuse


SocketType = socket


def socketpair(family=AF_UNIX, type=SOCK_STREAM, proto=0):
    global _next_descriptor
    _next_descriptor += 2
    return socket(family, type, proto, _next_descriptor - 2), socket(family, type, proto, _next_descriptor - 1)


def htons(x):
    return int.from_bytes(x.to_bytes(2, "little"), "big")


def htonl(x):
    return int.from_bytes(x.to_bytes(4, "little"), "big")


ntohs, ntohl = htons, htonl


def inet_aton(text):
    """Returns the four bytes of a dotted address; raises OSError for any other text."""
    parts = text.split(".")
    if len(parts) != 4 or not all(p.isascii() and p.isdigit() and int(p) < 256 for p in parts):
        raise OSError("illegal IP address string passed to inet_aton")
    return bytes(map(int, parts))


def inet_ntoa(packed):
    if len(packed) != 4:
        raise OSError("packed IP wrong length")
    return ".".join(map(str, packed))


def inet_pton(family, text):
    """Does the same as inet_aton, and parses IPv6 addresses with the ipaddress module."""
    if family == AF_INET:
        return inet_aton(text)
    import ipaddress

    try:
        return ipaddress.IPv6Address(text).packed
    except ValueError:
        raise OSError("illegal IP address string passed to inet_pton") from None


def inet_ntop(family, packed):
    if family == AF_INET:
        return inet_ntoa(packed)
    import ipaddress

    return str(ipaddress.IPv6Address(bytes(packed)))
