"""The modules of Python that a cell does not have. The error that ends a script says why one is
missing, and the build omits them from the library. The host knows the reasons for other modules
(runtime/advice_modules.go)."""

_MODULES = {
    "a cell has no display": "idlelib tkinter _tkinter turtle turtledemo",
    "a cell has no terminal": "_curses _curses_panel curses pty readline termios tty",
    "a cell has no database managers but SQLite": "_dbm _gdbm dbm.gnu dbm.ndbm",
    "a cell has no processes": "_multiprocessing _posixshmem _posixsubprocess",
    "a cell has one interpreter with one thread": "_interpchannels _interpqueues _interpreters",
    "a cell has no access to the operating system": "fcntl grp pwd resource syslog",
    "it needs OpenSSL": "_ssl",
    "it needs libuuid": "_uuid",
    "nothing can be installed in a cell": "ensurepip pip venv",
    "it belongs to Python's own tests": """__phello__ _testbuffer _testcapi _testclinic _testexternalinspection _testimportmultiple
        _testinternalcapi _testlimitedcapi _testmultiphase _testsinglephase _xxtestfuzz test xxlimited xxlimited_35 xxsubtype""",
    "it belongs to another operating system": """_aix_support _android_support _apple_support _ios_support _msi _osx_support _overlapped
        _scproxy _winapi _wmi encodings.mbcs encodings.oem msvcrt nt winreg winsound""",
}

REASONS = {name: "not part of tabcell: " + reason for reason, names in _MODULES.items() for name in names.split()}


def is_omitted(name):
    """Reports whether the module, or the top-level package that contains it, is omitted."""
    return name in REASONS or name.partition(".")[0] in REASONS
