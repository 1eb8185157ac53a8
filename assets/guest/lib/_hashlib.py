"""What CPython takes from OpenSSL for hashlib and hmac: further digests, OpenSSL's names of
digests, and the derivation of keys. _digests has the parts in C."""

import _blake2
import _digests
import _md5
import _sha1
import _sha2
import _sha3
from _operator import _compare_digest as compare_digest

_INT_MAX = 2**31 - 1
_LONG_MAX = 2**63 - 1
# The digests that _digests has in C, with OpenSSL's other names, in lower case.
_NAMES = {
    "md5": "ssl3-md5",
    "sha1": "sha-1 ssl3-sha1",
    "sha224": "sha-224 sha2-224",
    "sha256": "sha-256 sha2-256",
    "sha384": "sha-384 sha2-384",
    "sha512": "sha-512 sha2-512",
    "sha512_224": "sha512-224 sha-512/224 sha2-512/224",
    "sha512_256": "sha512-256 sha-512/256 sha2-512/256",
    "ripemd160": "ripemd ripemd-160 rmd160",
    "sm3": "",
}
# CPython's own constructors.
_BUILTIN = {
    "md5": _md5.md5, "sha1": _sha1.sha1, "sha224": _sha2.sha224, "sha256": _sha2.sha256, "sha384": _sha2.sha384, "sha512": _sha2.sha512,
    "blake2b": _blake2.blake2b, "blake2s": _blake2.blake2s, "sha3_224": _sha3.sha3_224, "sha3_256": _sha3.sha3_256,
    "sha3_384": _sha3.sha3_384, "sha3_512": _sha3.sha3_512, "shake_128": _sha3.shake_128, "shake_256": _sha3.shake_256,
}
_ALIASES = {alias: name for name, aliases in _NAMES.items() for alias in aliases.split()} | {
    "blake2b512": "blake2b", "blake2b-512": "blake2b", "blake2s256": "blake2s", "blake2s-256": "blake2s",
    "sha3-224": "sha3_224", "sha3-256": "sha3_256", "sha3-384": "sha3_384", "sha3-512": "sha3_512",
    "shake128": "shake_128", "shake-128": "shake_128", "shake256": "shake_256", "shake-256": "shake_256",
}
openssl_md_meth_names = frozenset(_BUILTIN) | frozenset(_NAMES) | {"md5-sha1"}
openssl_md5 = _md5.md5
openssl_sha1 = _sha1.sha1
openssl_sha224 = _sha2.sha224
openssl_sha256 = _sha2.sha256
openssl_sha384 = _sha2.sha384
openssl_sha512 = _sha2.sha512
HASH = _digests.HASH


class UnsupportedDigestmodError(ValueError):
    pass


def get_fips_mode():
    return 0


def _canonical(name):
    name = name.lower()
    return _ALIASES.get(name, name)


def new(name, string=b"", *, data=None, usedforsecurity=True):
    """Returns a new hash object of the named algorithm."""
    if not isinstance(name, str):
        raise TypeError(f"new() argument 'name' must be str, not {type(name).__name__}")
    name, data = _canonical(name), string if data is None else data
    if name in _BUILTIN:
        return _BUILTIN[name](data, usedforsecurity=usedforsecurity)
    if name == "md5-sha1":
        hash = _digests.new(name, "md5", "sha1")
    elif name in _NAMES:
        hash = _digests.new(name, name)
    else:
        raise UnsupportedDigestmodError(f"unsupported hash type {name}")
    hash.update(data)
    return hash


def hmac_new(key, msg=b"", digestmod=None):
    """Refuses, so that hmac uses its own implementation."""
    raise UnsupportedDigestmodError("unsupported hash type")


def hmac_digest(key, msg, digest):
    """Returns the HMAC of msg, or refuses, so that hmac uses its own implementation."""
    if not isinstance(digest, str):
        digest = next((name for name, constructor in _BUILTIN.items() if constructor is digest), "")
    if (name := _canonical(digest)) not in _NAMES:
        raise UnsupportedDigestmodError(f"unsupported hash type {digest}")
    return _digests.hmac(name, key, msg)


def pbkdf2_hmac(hash_name, password, salt, iterations, dklen=None):
    """Password based key derivation function 2 (PKCS #5 v2.0) with HMAC as pseudorandom function."""
    if not isinstance(hash_name, str):
        raise TypeError(f"pbkdf2_hmac() argument 'hash_name' must be str, not {type(hash_name).__name__}")
    name = _canonical(hash_name)
    if name not in openssl_md_meth_names:
        raise UnsupportedDigestmodError("[digital envelope routines] unsupported")
    _buffers(password, salt)
    iterations = _long(iterations)
    if iterations < 1:
        raise ValueError("iteration value must be greater than 0.")
    if iterations > _INT_MAX:
        raise OverflowError("iteration value is too great.")
    if name.startswith("shake_"):
        raise ValueError("no reason supplied")
    dklen = new(name).digest_size if dklen is None else _long(dklen)
    if dklen < 1:
        raise ValueError("key length must be greater than 0.")
    if dklen > _INT_MAX:
        raise OverflowError("key length is too great.")
    if name in _NAMES:
        return _digests.pbkdf2(name, password, salt, iterations, dklen)
    return _pbkdf2(name, bytes(password), bytes(salt), iterations, dklen)


def _pbkdf2(name, password, salt, iterations, dklen):
    """Derives a key with a digest that _digests does not have."""
    import hmac

    start = hmac.new(password, digestmod=name)
    key = b""
    for number in range(1, -(-dklen // start.digest_size) + 1):
        h = start.copy()
        h.update(salt + number.to_bytes(4))
        block = h.digest()
        sum = int.from_bytes(block)
        for _ in range(iterations - 1):
            h = start.copy()
            h.update(block)
            block = h.digest()
            sum ^= int.from_bytes(block)
        key += sum.to_bytes(start.digest_size)
    return key[:dklen]


def scrypt(password, *, salt=None, n=None, r=None, p=None, maxmem=0, dklen=64):
    """scrypt password-based key derivation function."""
    _buffers(password)
    if salt is None:
        raise TypeError("salt is required")
    _buffers(salt)
    n = _unsigned("n", n)
    if n < 2 or n & (n - 1):
        raise ValueError("n must be a power of 2.")
    r, p = _unsigned("r", r), _unsigned("p", p)
    maxmem, dklen = _long(maxmem), _long(dklen)
    if not 0 <= maxmem <= _INT_MAX:
        raise ValueError(f"maxmem must be positive and smaller than {_INT_MAX}")
    if not 1 <= dklen <= _INT_MAX:
        raise ValueError(f"dklen must be greater than 0 and smaller than {_INT_MAX}")
    if not r or not p:
        raise ValueError("Invalid parameter combination for n, r, p, maxmem.")
    if r >= 2**32 or p >= 2**32:
        raise ValueError("[digital envelope routines] parameter too large")
    if p > (2**30 - 1) // r or 16 * r <= 63 and n >= 1 << 16 * r:
        raise ValueError("[digital envelope routines] memory limit exceeded")
    return _digests.scrypt(password, salt, n, r, p, maxmem or 32 << 20, dklen)


def _buffers(*values):
    """Checks that the values are bytes-like."""
    for value in values:
        try:
            memoryview(value).release()
        except TypeError:
            raise TypeError(f"a bytes-like object is required, not '{type(value).__name__}'") from None


def _long(value):
    """Converts an argument that is a C long elsewhere."""
    value = value.__index__() if hasattr(value, "__index__") else _not_an_integer(value)
    if not -_LONG_MAX - 1 <= value <= _LONG_MAX:
        raise OverflowError("Python int too large to convert to C long")
    return value


def _not_an_integer(value):
    raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")


def _unsigned(name, value):
    if not isinstance(value, int) or not 0 <= value < 2**64:
        raise TypeError(f"{name} is required and must be an unsigned int")
    return value
