"""Runs the tests of a library with pytest inside a cell.

Each event is printed at once on one line, so that the output is complete up to the crash of a cell:

    \\x01> INDEX ID        a test begins
    \\x01< OUTCOME TEXT    the test ends
    \\x01! TEXT            a file cannot be collected
    \\x01= TOTAL NEXT      the run begins or ends
"""

import importlib
import os
import posixpath
import re
import shutil
import sys
import tempfile
import time
import types

MAX_TEXT = 400


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


TEST_ONLY = ("numpy._core._multiarray_tests", "numpy._core._umath_tests", "numpy._core._rational_tests",
             "numpy._core._struct_ufunc_tests", "numpy._core._operand_flag_tests")


def install():
    import numpy._core

    install_stub_modules(TEST_ONLY)
    os.getuid = os.getgid = lambda: 0  # for pytest's tmp_path; a cell has no users
    os.getgroups = list


def stand_in_for_compiled():
    """Make the Python modules of rapidfuzz stand for its compiled ones, which the guest does not have.

    The tests import both, and compare them.
    """
    for name in ("fuzz", "process", "utils", "distance.metrics", "distance._initialize"):
        module = sys.modules[f"rapidfuzz.{name}_cpp"] = importlib.import_module(f"rapidfuzz.{name}_py")
        for function in vars(module).values():
            if hasattr(function, "_RF_ScorerPy"):
                function._RF_Scorer = function._RF_ScorerPy


class Cleaner:
    """A pytest plugin: it removes the temporary files of each test.

    /tmp of a cell holds 1000 files and folders, and pytest removes its own at the end only. Files
    of fixtures, which other tests may need, remain.
    """

    def pytest_configure(self, config):
        self.config = config

    def pytest_runtest_logstart(self, nodeid, location):
        self.before, self.tmp_path = None, None

    def pytest_runtest_call(self, item):
        self.before = self.entries()

    def pytest_runtest_teardown(self, item):
        self.tmp_path = getattr(item, "funcargs", {}).get("tmp_path")

    def pytest_runtest_logfinish(self, nodeid, location):
        if self.before is not None:
            for path in self.entries() - self.before:
                remove(path)
        if self.tmp_path is not None:
            remove(str(self.tmp_path))
            remove(str(self.tmp_path).rstrip("0123456789") + "current")  # pytest's link to it

    def entries(self):
        """Return the paths of the entries of /tmp and of pytest's folder there."""
        folders = [tempfile.gettempdir(), self.config._tmp_path_factory._basetemp]
        paths = {posixpath.join(str(f), name) for f in folders if f for name in os.listdir(f)}
        return {path for path in paths if not re.search("/pytest-of-[a-z]+$", path)}


def remove(path):
    """Remove a file or a folder; errors are ignored."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    elif os.path.lexists(path):
        os.remove(path)


class Reporter:
    """A pytest plugin: it runs the tests from begin on, reports each, and stops after seconds."""

    def __init__(self, root, begin, seconds):
        self.root = posixpath.basename(root) + "/"
        self.begin, self.end = begin, time.monotonic() + seconds
        self.total, self.next = 0, begin
        self.outcome = None

    def emit(self, line):
        data = ("\n\x01" + line.replace("\n", "\\n") + "\n").encode("utf-8", "backslashreplace")
        while data:
            data = data[os.write(1, data):]

    def pytest_configure(self, config):
        config.option.tbstyle = "native"  # the other styles parse the test file for each traceback

    def pytest_collection_modifyitems(self, items):
        self.total = len(items)
        del items[:self.begin]
        self.emit(f"= {self.total} {self.next}")

    def pytest_runtest_logstart(self, nodeid, location):
        self.outcome, self.begun = None, time.monotonic()
        self.emit(f"> {self.next} {self.root}{nodeid}")

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


def root_of(path):
    """Return the folder below /lib that has the file, which is where pytest begins to look for it."""
    return "/".join(path.split("/")[:3])


def run(path, ini, begin, seconds):
    """Run the tests of a file from index begin on, for at most seconds, and return pytest's exit code."""
    import pytest

    sys.argv = ["pytest"]
    sys.path.append("/lib")  # a module of pandas' tests removes the first entry
    if path.startswith("/lib/tests/"):
        stand_in_for_compiled()
    reporter = Reporter(root_of(path), begin, seconds)
    disabled = "cacheprovider terminal faulthandler stepwise lfplugin threadexception unraisableexception anyio"
    arguments = [f"-pno:{name}" for name in disabled.split()]
    arguments += ["-s", "--assert=plain", "--confcutdir=/lib", "--rootdir=" + root_of(path), "-c", ini]
    arguments += ["-o", "addopts=", "-o", "tmp_path_retention_policy=none", path]
    return int(pytest.main(arguments, plugins=[reporter, Cleaner()]))


install()
