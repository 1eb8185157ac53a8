"""Stub of ssl, with the names that libraries use at import time. Contexts can be created and
configured, but there are no connections to wrap."""

import enum as _enum

# A version that libraries accept: urllib3 warns of others when it is imported.
OPENSSL_VERSION = "OpenSSL 3.0.0 (stub without a network)"
OPENSSL_VERSION_INFO = (3, 0, 0, 0, 0)
OPENSSL_VERSION_NUMBER = 0x30000000
HAS_SNI = HAS_ALPN = HAS_TLSv1_2 = HAS_TLSv1_3 = True
HAS_NPN = HAS_SSLv2 = HAS_SSLv3 = HAS_PSK = HAS_NEVER_CHECK_COMMON_NAME = False
OP_ALL = OP_NO_SSLv2 = OP_NO_SSLv3 = OP_NO_TLSv1 = OP_NO_TLSv1_1 = OP_NO_COMPRESSION = OP_NO_TICKET = OP_NO_RENEGOTIATION = 0


class VerifyMode(_enum.IntEnum):
    CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED = range(3)


class TLSVersion(_enum.IntEnum):
    MINIMUM_SUPPORTED, MAXIMUM_SUPPORTED = -2, -1
    SSLv3, TLSv1, TLSv1_1, TLSv1_2, TLSv1_3 = range(768, 773)


class Purpose(_enum.Enum):
    SERVER_AUTH, CLIENT_AUTH = range(2)


CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED = VerifyMode
PROTOCOL_TLS = PROTOCOL_SSLv23 = 2
PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER = 16, 17


class SSLError(OSError):
    pass


SSLCertVerificationError = type("SSLCertVerificationError", (SSLError, ValueError), {})
CertificateError = SSLCertVerificationError
for _name in "SSLEOFError SSLSyscallError SSLWantReadError SSLWantWriteError SSLZeroReturnError".split():
    globals()[_name] = type(_name, (SSLError,), {})


def _refuse(*args, **kwargs):
    raise SSLError("the network is not available in a cell")


class SSLContext:
    """Accepts all settings; wrapping a connection fails."""

    def __init__(self, protocol=PROTOCOL_TLS):
        self.protocol, self.options, self.check_hostname, self.verify_mode = protocol, 0, protocol == PROTOCOL_TLS_CLIENT, CERT_REQUIRED
        self.minimum_version, self.maximum_version, self.post_handshake_auth = TLSVersion.TLSv1_2, TLSVersion.MAXIMUM_SUPPORTED, False

    def _accept(self, *args, **kwargs):
        pass

    set_alpn_protocols = set_ciphers = load_default_certs = load_verify_locations = load_cert_chain = set_default_verify_paths = _accept
    wrap_socket = wrap_bio = _refuse


class SSLSocket:
    __init__ = _refuse


class SSLObject:
    __init__ = _refuse


class MemoryBIO:
    __init__ = _refuse


def create_default_context(purpose=Purpose.SERVER_AUTH, *, cafile=None, capath=None, cadata=None):
    return SSLContext(PROTOCOL_TLS_CLIENT if purpose is Purpose.SERVER_AUTH else PROTOCOL_TLS_SERVER)


def _create_unverified_context(protocol=PROTOCOL_TLS_CLIENT, **settings):
    context = SSLContext(protocol)
    context.check_hostname, context.verify_mode = False, CERT_NONE
    return context


_create_default_https_context = create_default_context
_create_stdlib_context = _create_unverified_context
get_server_certificate = wrap_socket = _refuse
