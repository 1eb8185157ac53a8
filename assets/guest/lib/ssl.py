"""ssl over the TLS of the host, which verifies each connection: the certificate with the CA of the
grant or of the host's system, and the name, which must be the granted one. A script cannot turn the
verification off, and its own certificates, ciphers and versions have no effect."""

import base64 as _base64
import collections as _collections
import os as _os
import textwrap as _textwrap
import time as _time
from socket import AF_INET, SOCK_STREAM, SOL_SOCKET, create_connection, socket

from tabcell_sockets.secure import SSLSocket
from tabcell_sockets.tls import (
    SSL_ERROR_EOF, SSL_ERROR_SSL, SSL_ERROR_SYSCALL, SSL_ERROR_WANT_CONNECT, SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE,
    SSL_ERROR_WANT_X509_LOOKUP, SSL_ERROR_ZERO_RETURN, Options, Purpose, SSLCertVerificationError, SSLEOFError, SSLError, SSLSyscallError,
    SSLWantReadError, SSLWantWriteError, SSLZeroReturnError, TLSVersion, VerifyFlags, VerifyMode,
)  # fmt: skip

# A version that libraries accept: urllib3 warns of others when it is imported.
OPENSSL_VERSION = "OpenSSL 3.0.0 (the TLS of tabcell's host)"
OPENSSL_VERSION_INFO = (3, 0, 0, 0, 0)
OPENSSL_VERSION_NUMBER = 0x30000000
HAS_SNI = HAS_TLSv1_2 = HAS_TLSv1_3 = HAS_NEVER_CHECK_COMMON_NAME = HAS_ECDH = True
HAS_ALPN = HAS_NPN = HAS_SSLv2 = HAS_SSLv3 = HAS_TLSv1 = HAS_TLSv1_1 = HAS_PSK = False
PEM_HEADER, PEM_FOOTER = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
CHANNEL_BINDING_TYPES = []
globals().update(VerifyFlags.__members__ | Options.__members__)
CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED = VerifyMode
PROTOCOL_TLS = PROTOCOL_SSLv23 = 2
PROTOCOL_TLSv1, PROTOCOL_TLSv1_1, PROTOCOL_TLSv1_2 = 3, 4, 5
PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER = 16, 17
CertificateError, socket_error = SSLCertVerificationError, OSError

DefaultVerifyPaths = _collections.namedtuple(
    "DefaultVerifyPaths", "cafile capath openssl_cafile_env openssl_cafile openssl_capath_env openssl_capath"
)


class SSLSession:
    """Sessions belong to the host."""


class SSLContext:
    """The settings of a connection. Those that the host decides are accepted without an effect,
    except for CERT_NONE and client certificates, with which a connection fails."""

    sni_callback = keylog_filename = None
    hostname_checks_common_name = post_handshake_auth = False
    security_level, num_tickets = 2, 2
    sslsocket_class = SSLSocket

    def __init__(self, protocol=PROTOCOL_TLS):
        self.protocol, self._check, self._mode = protocol, protocol == PROTOCOL_TLS_CLIENT, CERT_REQUIRED
        self.options, self.verify_flags = Options.OP_ALL, VerifyFlags.VERIFY_X509_TRUSTED_FIRST
        self.minimum_version, self.maximum_version = TLSVersion.TLSv1_2, TLSVersion.MAXIMUM_SUPPORTED

    @property
    def check_hostname(self):
        return self._check

    @check_hostname.setter
    def check_hostname(self, value):
        """Changes only this attribute: the host always checks the name."""
        self._check = bool(value)
        if self._check and self._mode == CERT_NONE:
            self._mode = CERT_REQUIRED

    @property
    def verify_mode(self):
        return self._mode

    @verify_mode.setter
    def verify_mode(self, value):
        value = VerifyMode(value)
        if value == CERT_NONE and self._check:
            raise ValueError("Cannot set verify_mode to CERT_NONE when check_hostname is enabled.")
        self._mode = value

    def _accept(self, *args, **kwargs):
        pass

    set_alpn_protocols = set_npn_protocols = set_ciphers = set_ecdh_curve = set_servername_callback = _accept
    load_default_certs = load_verify_locations = set_default_verify_paths = load_dh_params = _accept

    def load_cert_chain(self, certfile, keyfile=None, password=None):
        raise SSLError(SSL_ERROR_SSL, "a cell cannot present a client certificate; the host does TLS, without one")

    def get_ca_certs(self, binary_form=False):
        """Returns none: the host has them."""
        return []

    get_ciphers = get_ca_certs

    def cert_store_stats(self):
        return {"x509": 0, "crl": 0, "x509_ca": 0}

    def session_stats(self):
        return dict.fromkeys("number connect connect_good connect_renegotiate accept accept_good accept_renegotiate hits misses timeouts cache_full".split(), 0)

    def wrap_socket(self, sock, server_side=False, do_handshake_on_connect=True, suppress_ragged_eofs=True, server_hostname=None, session=None):
        """Returns a socket with TLS over the connection of sock, which is detached."""
        if self._mode == CERT_NONE:
            raise SSLError(
                SSL_ERROR_SSL,
                "the script turned off the verification of certificates (verify=False or CERT_NONE), which this server does not allow;"
                " remove that, or use ssl.create_default_context(): the host verifies with the CA of the grant, or else of its system",
            )
        if server_side:
            raise SSLError(SSL_ERROR_SSL, "a cell has no servers")
        if self._check and not server_hostname:
            raise ValueError("check_hostname requires server_hostname")
        return SSLSocket._create(sock, self, do_handshake_on_connect, suppress_ragged_eofs, server_hostname)

    def wrap_bio(self, *args, **kwargs):
        raise SSLError(SSL_ERROR_SSL, "TLS in memory (asyncio, and TLS inside TLS) is not available in a cell; use a blocking connection")


class SSLObject:
    def __init__(self, *args, **kwargs):
        raise TypeError("SSLObject does not have a public constructor.")


class MemoryBIO:
    """Exists for libraries that refer to it; wrap_bio fails."""


def create_default_context(purpose=Purpose.SERVER_AUTH, *, cafile=None, capath=None, cadata=None):
    context = SSLContext(PROTOCOL_TLS_CLIENT if purpose is Purpose.SERVER_AUTH else PROTOCOL_TLS_SERVER)
    context.verify_flags |= VerifyFlags.VERIFY_X509_PARTIAL_CHAIN | VerifyFlags.VERIFY_X509_STRICT
    return context


def _create_unverified_context(protocol=None, *, cert_reqs=CERT_NONE, check_hostname=False, **settings):
    context = SSLContext(protocol or PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = check_hostname, cert_reqs
    return context


def _create_stdlib_context(*args, **settings):
    """Returns the context of smtplib, imaplib and others that get none. It verifies; that of Python
    does not."""
    return SSLContext(PROTOCOL_TLS)


_create_default_https_context = create_default_context


def get_default_verify_paths():
    return DefaultVerifyPaths(None, None, "SSL_CERT_FILE", "", "SSL_CERT_DIR", "")


def get_server_certificate(addr, ssl_version=PROTOCOL_TLS_CLIENT, ca_certs=None, timeout=None):
    """Returns the certificate of a server as text. The server must be one of a grant."""
    with create_connection(addr, timeout) as sock, create_default_context().wrap_socket(sock, server_hostname=addr[0]) as secure:
        return DER_cert_to_PEM_cert(secure.getpeercert(True))


def DER_cert_to_PEM_cert(der_cert_bytes):
    lines = _textwrap.wrap(_base64.standard_b64encode(der_cert_bytes).decode(), 64)
    return "\n".join([PEM_HEADER, *lines, PEM_FOOTER, ""])


def PEM_cert_to_DER_cert(pem_cert_string):
    text = pem_cert_string.strip()
    if not text.startswith(PEM_HEADER) or not text.endswith(PEM_FOOTER):
        raise ValueError(f"Invalid PEM encoding; must start with {PEM_HEADER} and end with {PEM_FOOTER}")
    return _base64.decodebytes(text[len(PEM_HEADER) : -len(PEM_FOOTER)].encode())


def cert_time_to_seconds(cert_time):
    """Returns the seconds since 1970 of a time such as "Jan  5 09:34:43 2018 GMT"."""
    from calendar import timegm

    return timegm(_time.strptime(cert_time, "%b %d %H:%M:%S %Y GMT"))


def RAND_bytes(n):
    return _os.urandom(n)


def RAND_status():
    return True


def RAND_add(data, entropy):
    pass
