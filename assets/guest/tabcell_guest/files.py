"""open() for the read-only library: files below /lib are resources; any other path fails as on an
empty disk."""

import builtins
import io
import os

import _tabcell

_open = io.open


def open(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None):
    """Does the same as builtins.open, and also opens resources below /lib (package data, time
    zones)."""
    data = None if isinstance(file, int) or mode not in ("r", "rt", "rb") else _resource(os.fspath(file))
    if data is None:
        return _open(file, mode, buffering, encoding, errors, newline, closefd, opener)
    raw = io.BytesIO(data)
    return raw if mode == "rb" else io.TextIOWrapper(raw, encoding or "utf-8", errors, newline)


def _resource(path):
    return _tabcell.resource("f:" + path) if isinstance(path, str) and path.startswith("/lib/") else None


def install():
    """Replaces builtins.open, and io.open, which pathlib and others use."""
    io.open = builtins.open = open
