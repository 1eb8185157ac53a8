"""The constants and errors of ssl, with OpenSSL's numbers."""

import enum

import _net

from tabcell_sockets import failures


class VerifyMode(enum.IntEnum):
    CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED = range(3)


class VerifyFlags(enum.IntFlag):
    VERIFY_DEFAULT = 0
    VERIFY_CRL_CHECK_LEAF, VERIFY_CRL_CHECK_CHAIN = 0x4, 0xC
    VERIFY_X509_STRICT, VERIFY_X509_TRUSTED_FIRST = 0x20, 0x8000
    VERIFY_ALLOW_PROXY_CERTS, VERIFY_X509_PARTIAL_CHAIN = 0x40, 0x80000


class TLSVersion(enum.IntEnum):
    MINIMUM_SUPPORTED, MAXIMUM_SUPPORTED = -2, -1
    SSLv3, TLSv1, TLSv1_1, TLSv1_2, TLSv1_3 = range(768, 773)


class Options(enum.IntFlag):
    OP_ALL = 0x80000050
    OP_NO_SSLv2, OP_NO_SSLv3 = 0, 0x2000000
    OP_NO_TLSv1, OP_NO_TLSv1_1, OP_NO_TLSv1_2, OP_NO_TLSv1_3 = 0x4000000, 0x10000000, 0x8000000, 0x20000000
    OP_NO_TICKET, OP_NO_COMPRESSION, OP_NO_RENEGOTIATION = 0x4000, 0x20000, 0x40000000
    OP_CIPHER_SERVER_PREFERENCE, OP_SINGLE_DH_USE, OP_SINGLE_ECDH_USE = 0x400000, 0, 0
    OP_IGNORE_UNEXPECTED_EOF, OP_LEGACY_SERVER_CONNECT, OP_ENABLE_MIDDLEBOX_COMPAT = 0x80, 0x4, 0x100000


class Purpose(enum.Enum):
    SERVER_AUTH, CLIENT_AUTH = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"


(
    SSL_ERROR_SSL, SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE, SSL_ERROR_WANT_X509_LOOKUP, SSL_ERROR_SYSCALL, SSL_ERROR_ZERO_RETURN,
    SSL_ERROR_WANT_CONNECT, SSL_ERROR_EOF,
) = range(1, 9)  # fmt: skip


class SSLError(OSError):
    library = reason = None

    def __str__(self):
        return self.strerror if isinstance(self.strerror, str) else OSError.__str__(self)


class SSLCertVerificationError(SSLError, ValueError):
    verify_code = verify_message = None


class SSLZeroReturnError(SSLError):
    pass


class SSLWantReadError(SSLError):
    pass


class SSLWantWriteError(SSLError):
    pass


class SSLSyscallError(SSLError):
    pass


class SSLEOFError(SSLError):
    pass


for _class in (SSLError, SSLCertVerificationError, SSLZeroReturnError, SSLWantReadError, SSLWantWriteError, SSLSyscallError, SSLEOFError):
    _class.__module__ = "ssl"


def want_read():
    return SSLWantReadError(SSL_ERROR_WANT_READ, "The operation did not complete (read)")


def failure(code, operation):
    """Returns the exception for a negative result of the host."""
    if -code == _net.CERTIFICATE:
        return _certificate_failure(_net.error())
    if -code == _net.TLS:
        return _described(SSLError(SSL_ERROR_SSL, f"[SSL] {_net.error()}"), reason="HANDSHAKE_FAILURE")
    if -code == _net.TIMEOUT:
        return TimeoutError(f"The {operation} operation timed out")
    return want_read() if -code == _net.AGAIN else failures.failure(code)


def _certificate_failure(text):
    e = SSLCertVerificationError(SSL_ERROR_SSL, f"[SSL: CERTIFICATE_VERIFY_FAILED] {text}")
    return _described(e, reason="CERTIFICATE_VERIFY_FAILED", verify_code=1, verify_message=text.removeprefix("certificate verify failed: "))


def _described(e, **attributes):
    """Returns the exception with the attributes of OpenSSL's."""
    vars(e).update(attributes, library="SSL")
    return e
