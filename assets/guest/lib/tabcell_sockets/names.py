"""The names and addresses of socket: getaddrinfo and its relatives, over the host's resolver."""

import errno
import ipaddress

import _net

from tabcell_sockets import failures
from tabcell_sockets.failures import gaierror, herror

AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6 = 0, 1, 2, 10
SOCK_STREAM, SOCK_DGRAM, SOCK_RAW = 1, 2, 3
AI_PASSIVE, AI_CANONNAME, AI_NUMERICHOST = 1, 2, 4
EAI_NONAME, EAI_SERVICE, EAI_FAMILY = -2, -8, -6
_PROTOCOLS = {"icmp": 1, "tcp": 6, "udp": 17, "ipv6": 41}
_SERVICES = {
    "ftp": 21, "ssh": 22, "smtp": 25, "domain": 53, "http": 80, "pop3": 110, "imap2": 143, "imap": 143, "ldap": 389, "https": 443,
    "submissions": 465, "submission": 587, "ldaps": 636, "ftps": 990, "imaps": 993, "pop3s": 995, "ms-sql-s": 1433, "mysql": 3306, "postgresql": 5432,
}  # fmt: skip


def encode(host):
    """Returns a name as text without other characters than ASCII."""
    if isinstance(host, (bytes, bytearray)):
        host = bytes(host).decode("ascii", "strict")
    if not isinstance(host, str):
        raise TypeError("getaddrinfo() argument 1 must be string or None")
    return host if host.isascii() else host.encode("idna").decode("ascii")


def literal(host):
    """Returns the text of an address without its zone, or None if the host is a name."""
    try:
        return str(ipaddress.ip_address(host.partition("%")[0] if ":" in host else host))
    except ValueError:
        return None


def resolve(host, port):
    """Returns the addresses of a host, which may be one itself."""
    host = encode(host)
    if "\0" in host:
        raise ValueError("embedded null character")
    address = literal(host)
    if address is not None:
        return [host if "%" in host else address]
    return failures.check(_net.resolve(host, port)).split()


def family_of(address):
    return AF_INET6 if ":" in address else AF_INET


def _port(port):
    """Returns the number of a port or service."""
    if port is None:
        return 0
    if isinstance(port, (bytes, bytearray)):
        port = bytes(port).decode("ascii")
    if isinstance(port, str):
        number = _SERVICES.get(port.lower())
        if number is None and not (port.isascii() and port.isdigit()):
            raise gaierror(EAI_SERVICE, "Servname not supported for ai_socktype")
        port = int(port) if number is None else number
    if not 0 <= port <= 0xFFFF:
        raise OverflowError("getaddrinfo() argument 2 must be 0-65535")
    return port


def _addresses(host, port, family, flags):
    if host is None or host == "" or host == b"":
        every = ["0.0.0.0", "::"] if flags & AI_PASSIVE else ["127.0.0.1", "::1"]
        return every
    if flags & AI_NUMERICHOST and literal(encode(host)) is None:
        raise gaierror(EAI_NONAME, "Name or service not known")
    return resolve(host, port)


def getaddrinfo(host, port, family=AF_UNSPEC, type=0, proto=0, flags=0):
    """Resolves a host. A name must be one of a grant, together with the port."""
    port = _port(port)
    if family not in (AF_UNSPEC, AF_INET, AF_INET6):
        raise gaierror(EAI_FAMILY, "ai_family not supported")
    kind, proto = type or SOCK_STREAM, proto or (17 if type == SOCK_DGRAM else 6)
    found = []
    for address in _addresses(host, port, family, flags):
        if family in (AF_UNSPEC, family_of(address)):
            place = (address, port, 0, 0) if ":" in address else (address, port)
            found.append((family_of(address), kind, proto, encode(host) if flags & AI_CANONNAME and host and not found else "", place))
    if not found:
        raise gaierror(-9, "Address family for hostname not supported")
    return found


def gethostname():
    return "localhost"


def gethostbyname(host):
    """Returns the first IPv4 address. That of the cell itself is 127.0.0.1."""
    return gethostbyname_ex(host)[2][0]


def gethostbyname_ex(host):
    if host == gethostname():
        return host, [], ["127.0.0.1"]
    found = [address for address in resolve(host, 0) if family_of(address) == AF_INET]
    if not found:
        raise gaierror(-5, "No address associated with hostname")
    return encode(host), [], found


def gethostbyaddr(host):
    raise herror(1, "Unknown host: a cell cannot find the names of addresses")


def getnameinfo(place, flags):
    """Returns the address and the port as text."""
    return str(place[0]), str(place[1])


def getservbyname(name, protocol=None):
    if name not in _SERVICES:
        raise OSError("service/proto not found")
    return _SERVICES[name]


def getservbyport(port, protocol=None):
    for name, number in _SERVICES.items():
        if number == port:
            return name
    raise OSError("port/proto not found")


def getprotobyname(name):
    if name not in _PROTOCOLS:
        raise OSError("protocol not found")
    return _PROTOCOLS[name]


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


def _check_family(family):
    if family not in (AF_INET, AF_INET6):
        raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")


def inet_pton(family, text):
    _check_family(family)
    kind = ipaddress.IPv4Address if family == AF_INET else ipaddress.IPv6Address
    try:
        return kind(text).packed
    except ValueError:
        raise OSError("illegal IP address string passed to inet_pton") from None


def inet_ntop(family, packed):
    _check_family(family)
    if len(packed) != (4 if family == AF_INET else 16):
        raise ValueError("invalid length of packed IP address string")
    return inet_ntoa(packed) if family == AF_INET else str(ipaddress.IPv6Address(bytes(packed)))
