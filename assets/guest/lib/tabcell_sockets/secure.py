"""SSLSocket of ssl: a connection over which the host does TLS."""

from socket import socket

import _net
from tabcell_sockets import connections, tls
from tabcell_sockets.tls import SSL_ERROR_SSL, SSL_ERROR_WANT_WRITE, SSLError, SSLWantWriteError


def _refuse(*args, **kwargs):
    raise NotImplementedError("datagrams are not available over TLS")


class SSLSocket(socket):
    """A connection over which the host does TLS."""

    server_side, session, session_reused = False, None, False

    def __init__(self, *args, **kwargs):
        raise TypeError("SSLSocket does not have a public constructor. Instances are returned by SSLContext.wrap_socket().")

    @classmethod
    def _create(cls, sock, context, handshake, suppress, name):
        if isinstance(sock, SSLSocket):
            raise SSLError(SSL_ERROR_SSL, "TLS inside TLS is not available in a cell")
        self = cls.__new__(cls)
        socket.__init__(self, family=sock.family, type=sock.type, proto=sock.proto, fileno=sock.fileno())
        self.settimeout(sock.gettimeout())
        sock.detach()
        self.context, self.server_hostname, self.suppress_ragged_eofs, self.do_handshake_on_connect = context, name, suppress, handshake
        if handshake and self._connection(False).handle is not None:
            try:
                self.do_handshake()
            except BaseException:
                self.close()
                raise
        return self

    @property
    def _sslobj(self):
        """Returns the socket itself once it has TLS: httpcore asks this object for the protocol."""
        return self if self._connection(False).tls else None

    def connect(self, address):
        super().connect(address)
        if self.do_handshake_on_connect:
            self.do_handshake()

    def do_handshake(self, block=False):
        """Starts TLS. The host refuses names that are not those of the grant."""
        connection = self._connection()
        if connection.tls:
            return
        code = _net.tls(connection.handle, self.server_hostname or "", connections.milliseconds(self.gettimeout()))
        if code < 0:
            raise tls.failure(code, "handshake")
        connection.tls = True

    def _secure(self):
        connection = self._connection()
        if not connection.tls:
            self.do_handshake()
        return connection

    def recv(self, buflen=1024, flags=0):
        if flags:
            raise ValueError(f"non-zero flags not allowed in calls to recv() on {type(self)}")
        self._secure()
        return self._reading(lambda: socket.recv(self, buflen))

    def recv_into(self, buffer, nbytes=None, flags=0):
        if flags:
            raise ValueError(f"non-zero flags not allowed in calls to recv_into() on {type(self)}")
        self._secure()
        return self._reading(lambda: socket.recv_into(self, buffer, nbytes or 0))

    def _reading(self, receive):
        try:
            return receive()
        except TimeoutError:
            raise TimeoutError("The read operation timed out") from None
        except BlockingIOError:
            raise tls.want_read() from None

    def read(self, len=1024, buffer=None):
        return self.recv(len) if buffer is None else self.recv_into(buffer, len)

    def send(self, data, flags=0):
        if flags:
            raise ValueError(f"non-zero flags not allowed in calls to send() on {type(self)}")
        self._secure()
        try:
            return super().send(data)
        except BlockingIOError:
            raise SSLWantWriteError(SSL_ERROR_WANT_WRITE, "The operation did not complete (write)") from None
        except TimeoutError:
            raise TimeoutError("The write operation timed out") from None

    def write(self, data):
        return self.send(data)

    def pending(self):
        """Returns the bytes that were peeked at; those in the host are not counted."""
        return len(self._connection().peeked)

    def _text(self, what):
        """Returns a fact about the connection, or None without TLS."""
        connection = self._connection()
        return _net.info(connection.handle, what).decode() or None if connection.tls else None

    def version(self):
        return self._text(_net.INFO_TLS_VERSION)

    def cipher(self):
        """Returns the version only: the host chooses the cipher."""
        version = self.version()
        return version and ("unknown", version, 0)

    def getpeercert(self, binary_form=False):
        """Returns the certificate of the server, or only the verified name of it unless binary_form."""
        name = self._text(_net.INFO_TLS_NAME)
        if name is None:
            raise ValueError("handshake not done yet")
        if binary_form:
            return _net.info(self._connection().handle, _net.INFO_CERTIFICATE) or None
        kind = "IP Address" if ":" in name or name.replace(".", "").isdigit() else "DNS"
        return {"subject": ((("commonName", name),),), "subjectAltName": ((kind, name),)}

    def unwrap(self):
        raise SSLError(SSL_ERROR_SSL, "a connection with TLS cannot go on without it in a cell")

    def get_channel_binding(self, cb_type="tls-unique"):
        return None

    selected_alpn_protocol = selected_npn_protocol = compression = shared_ciphers = verify_client_post_handshake = lambda self: None
    recvmsg = recvfrom = recvfrom_into = sendmsg = sendto = _refuse
