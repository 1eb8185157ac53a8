"""importlib.resources for packages of the read-only library: files are resources below /lib,
folders are packages.

Folders cannot be listed: iterdir returns no entries."""

import contextlib
import importlib.resources
import io
import pathlib

import _tabcell


class Path:
    """A file or folder below /lib; implements importlib.resources.abc.Traversable."""

    def __init__(self, path):
        self._path = path

    @property
    def name(self):
        return self._path.rpartition("/")[2]

    def joinpath(self, *parts):
        return Path("/".join([self._path, *map(str, parts)]))

    __truediv__ = joinpath

    def is_file(self):
        return _tabcell.has_resource("f:" + self._path)

    def is_dir(self):
        code = _tabcell.resource("m:" + self._path.removeprefix("/lib/").replace("/", "."))
        return code is not None and code[:1] in b"Pp"

    def iterdir(self):
        return iter(())

    def read_bytes(self):
        data = _tabcell.resource("f:" + self._path)
        if data is None:
            raise FileNotFoundError(2, "No such file or directory", self._path)
        return data

    def read_text(self, encoding=None, errors=None):
        return self.read_bytes().decode(encoding or "utf-8", errors or "strict")

    def open(self, mode="r", encoding=None, errors=None, newline=None):
        raw = io.BytesIO(self.read_bytes())
        return raw if "b" in mode else io.TextIOWrapper(raw, encoding or "utf-8", errors, newline)

    def __str__(self):
        return self._path

    def __repr__(self):
        return f"Path({self._path!r})"


class Reader:
    """The resource reader of a package."""

    def __init__(self, package):
        self._package = package

    def files(self):
        return Path("/lib/" + self._package.replace(".", "/"))


@importlib.resources.as_file.register(Path)
@contextlib.contextmanager
def _as_file(path):
    """Returns the path itself, which open() supports, instead of a temporary copy."""
    yield pathlib.Path(str(path))
