"""Runs tests of numpy, pandas, scipy and scikit-learn with pytest inside a cell.

A cell has no files. The functions of os that read metadata of files show the guest's resources
instead, and modules come from the import system.

Each event is printed at once on one line, so that the output is complete up to the crash of a cell:

    \\x01> INDEX ID        a test begins
    \\x01< OUTCOME TEXT    the test ends
    \\x01! TEXT            a file cannot be collected
    \\x01= TOTAL NEXT      the run begins or ends
"""

import builtins
import errno
import importlib
import io
import os
import posixpath
import stat
import sys
import tempfile
import time
import types

import _tabcell

MAX_TEXT = 400


class Files:
    """The resources as a tree of files below /lib."""

    def __init__(self):
        self.folders = {"/": set(), "/lib": set(), "/tmp": set()}
        self.files = set(_tabcell.resource("upstream").decode().split("\n"))
        for path in self.files:
            while path != "/":
                folder, name = posixpath.split(path)
                self.folders.setdefault(folder, set()).add(name)
                path = folder

    def mode(self, path):
        path = posixpath.normpath(posixpath.join("/lib", os.fspath(path)))
        if path in self.folders:
            return stat.S_IFDIR | 0o555
        if path in self.files:
            return stat.S_IFREG | 0o444
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", path)

    def stat(self, path, *, dir_fd=None, follow_symlinks=True):
        if isinstance(path, int):
            return _stat(path)
        return os.stat_result((self.mode(path), hash(path) & 0xFFFF, 1, 1, 0, 0, 100, 0, 0, 0))

    def listdir(self, path="."):
        if not stat.S_ISDIR(self.mode(path)):
            raise NotADirectoryError(errno.ENOTDIR, "Not a directory", path)
        return sorted(self.folders[posixpath.normpath(posixpath.join("/lib", os.fspath(path)))])


class Entry:
    """An entry of a folder, as os.DirEntry."""

    def __init__(self, folder, name):
        self.name, self.path = name, posixpath.join(folder, name)

    def stat(self, *, follow_symlinks=True):
        return os.stat(self.path)

    def is_dir(self, *, follow_symlinks=True):
        return stat.S_ISDIR(self.stat().st_mode)

    def is_file(self, *, follow_symlinks=True):
        return not self.is_dir()

    def is_symlink(self):
        return False

    def __fspath__(self):
        return self.path


class Scan:
    """The result of scandir: an iterator that can be closed."""

    def __init__(self, entries):
        self.entries = entries

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.entries)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    close = __exit__


_stat = os.stat


def install_files():
    files = Files()
    os.stat = os.lstat = files.stat
    os.listdir = files.listdir
    os.scandir = lambda path=".": Scan(Entry(os.fspath(path), n) for n in files.listdir(path))
    os.getcwd, os.chdir = lambda: "/lib", lambda path: None
    os.access = lambda path, mode, **_: posixpath.exists(path)
    os.path.exists = os.path.lexists = lambda path: _is(path, lambda m: True)
    os.path.isfile = lambda path: _is(path, stat.S_ISREG)
    os.path.isdir = lambda path: _is(path, stat.S_ISDIR)
    os.path.realpath = lambda path, **_: posixpath.abspath(path)
    tempfile.tempdir = "/tmp"


def _normal(file):
    return posixpath.normpath(file) if isinstance(file, (str, os.PathLike)) and os.fspath(file)[:5] == "/lib/" else file


def _is(path, kind):
    try:
        return kind(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def install_stub_modules(names):
    """Install stubs of compiled modules that only tests need, which the guest does not have.

    Calling a function of a stub skips the test.
    """
    import pytest

    for name in names:
        def missing(attribute, name=name):
            if attribute.startswith("__"):
                raise AttributeError(attribute)

            def skip(*args, **kwargs):
                pytest.skip("test-only module " + name, allow_module_level=True)

            skip.__name__ = skip.__qualname__ = attribute
            return skip

        module = types.ModuleType(name)
        module.__getattr__ = missing
        sys.modules[name] = module
        parent, _, last = name.rpartition(".")
        if parent in sys.modules:
            setattr(sys.modules[parent], last, module)
    sys.modules["numpy._core._multiarray_tests"].get_fpu_mode = lambda: 0


def import_path(path, **_):
    """Return the module of a file below /lib. It replaces pytest's import_path."""
    name = os.fspath(path).removeprefix("/lib/").removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    return importlib.import_module(name)


TEST_ONLY = ("numpy._core._multiarray_tests", "numpy._core._umath_tests", "numpy._core._rational_tests",
             "numpy._core._struct_ufunc_tests", "numpy._core._operand_flag_tests")


def install():
    install_files()
    import _pytest.config
    import _pytest.python
    import _pytest.pathlib

    _pytest.config.import_path = _pytest.pathlib.import_path = _pytest.python.import_path = import_path
    import numpy._core

    install_stub_modules(TEST_ONLY)


class Reporter:
    """A pytest plugin: it runs the tests from begin on, reports each, and stops after seconds."""

    def __init__(self, begin, seconds):
        self.begin, self.end = begin, time.monotonic() + seconds
        self.total, self.next = 0, begin
        self.outcome = None

    def emit(self, line):
        data = ("\n\x01" + line.replace("\n", "\\n") + "\n").encode("utf-8", "backslashreplace")
        while data:
            data = data[os.write(1, data):]

    def pytest_collection_modifyitems(self, items):
        self.total = len(items)
        del items[:self.begin]
        self.emit(f"= {self.total} {self.next}")

    def pytest_runtest_logstart(self, nodeid, location):
        self.outcome, self.begun = None, time.monotonic()
        self.emit(f"> {self.next} {nodeid}")

    def pytest_runtest_logreport(self, report):
        if report.passed and not hasattr(report, "wasxfail"):
            return
        if report.failed and self.outcome != "failed":
            self.outcome, text = "failed", report.when + ": " + short(report.longrepr)
        elif report.skipped and self.outcome is None:
            self.outcome = "xfailed" if hasattr(report, "wasxfail") else "skipped"
            text = getattr(report, "wasxfail", None) or short(report.longrepr)
        else:
            return
        self.text = text

    def pytest_runtest_logfinish(self, nodeid, location):
        took = time.monotonic() - self.begun
        self.emit("< " + (f"{self.outcome} {self.text}" if self.outcome else "passed") + (f" ({took:.0f} s)" if took > 2 else ""))
        self.next += 1

    def pytest_runtest_protocol(self, item, nextitem):
        if time.monotonic() > self.end:
            item.session.shouldstop = "time limit reached"

    def pytest_collectreport(self, report):
        if not report.passed:
            self.emit(f"! {report.outcome} {short(report.longrepr)}")

    def pytest_internalerror(self, excrepr):
        self.emit("! internal " + str(excrepr)[-2000:])

    def pytest_sessionfinish(self, session):
        self.emit(f"= {self.total} {self.next}")


def short(r):
    """Return the message of a failure and its place, shortened."""
    if isinstance(r, tuple):
        return str(r[2])[:MAX_TEXT]
    crash = getattr(r, "reprcrash", None)
    if crash is None:
        return str(r)[-2 * MAX_TEXT:]
    return f"{crash.message[:MAX_TEXT]} [{crash.path.removeprefix('/lib/')}:{crash.lineno}]"


def run(path, ini, begin, seconds):
    """Run the tests of a file from index begin on, for at most seconds, and return pytest's exit code."""
    import pytest

    sys.argv = ["pytest"]
    opener = builtins.open
    io.open = builtins.open = lambda file, *rest, **named: opener(_normal(file), *rest, **named)
    if path.startswith("/lib/sklearn/"):
        # Modules create data in mapped files while they are imported. A cell has no files, so they get
        # plain data.
        import sklearn.utils._testing as testing

        testing.create_memmap_backed_data = lambda data, mmap_mode="r", return_folder=False: (data, "/tmp") if return_folder else data
    reporter = Reporter(begin, seconds)
    disabled = "cacheprovider terminal faulthandler stepwise lfplugin threadexception unraisableexception logging"
    arguments = [f"-pno:{name}" for name in disabled.split()]
    arguments += ["-s", "--assert=plain", "--rootdir=/lib", "-c", ini, "-o", "addopts=", path]
    return int(pytest.main(arguments, plugins=[reporter]))


install()
