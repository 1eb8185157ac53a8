"""The host's errors as Python's exceptions."""

import errno

import _net

# EAI_NONAME and EAI_AGAIN, with glibc's numbers
NO_NAME, TRY_AGAIN = -2, -3


class gaierror(OSError):
    pass


class herror(OSError):
    pass


gaierror.__module__ = herror.__module__ = "socket"

_NUMBERS = {
    _net.DENIED: errno.EACCES,
    _net.HANDLE: errno.EBADF,
    _net.INVALID: errno.EINVAL,
    _net.AGAIN: errno.EAGAIN,
    _net.TIMEOUT: errno.ETIMEDOUT,
    _net.INTERRUPTED: errno.EINTR,
    _net.NOT_FOUND: errno.ENOENT,
    _net.RESOLVE: errno.EHOSTUNREACH,
    _net.REFUSED: errno.ECONNREFUSED,
    _net.UNREACHABLE: errno.EHOSTUNREACH,
    _net.RESET: errno.ECONNRESET,
    _net.PIPE: errno.EPIPE,
    _net.LIMIT: errno.EDQUOT,
    _net.IO: errno.EIO,
    _net.PROXY: errno.ECONNREFUSED,
}


def number(code):
    """Returns the number in errno for a negative result of the host."""
    return _NUMBERS.get(-code, errno.EIO)


def failure(code, text=None):
    """Returns the exception for a negative result of the host. The text is the host's unless one is
    given."""
    text = text or _net.error() or "the connection failed"
    if -code == _net.TIMEOUT:
        return TimeoutError("timed out")
    if -code == _net.NOT_FOUND:
        return gaierror(NO_NAME, text)
    if -code == _net.RESOLVE:
        return gaierror(TRY_AGAIN, text)
    if -code == _net.DENIED:
        return denial(text)
    return OSError(number(code), text)  # the class depends on the number


def denial(text):
    """Returns the PermissionError of what no grant allows. Its text has no number."""
    e = PermissionError(text)
    e.errno = errno.EACCES
    return e


def check(result):
    """Returns a result of the host, and raises the exception for a negative one."""
    if type(result) is int and result < 0:
        raise failure(result)
    return result
