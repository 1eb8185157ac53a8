"""What a cell lacks. One table for everybody: the importer says why a module is missing, the build leaves these modules out of the library."""

_WHY = {
    "there is no display": "idlelib tkinter _tkinter turtle turtledemo",
    "there is no terminal": "_curses _curses_panel curses pty readline termios tty",
    "there are no files to write": "_dbm _gdbm _sqlite3 dbm.dumb dbm.gnu dbm.ndbm dbm.sqlite3 dbm shelve sqlite3",
    "there are no processes": "_multiprocessing _posixshmem _posixsubprocess",
    "there is one interpreter, in one thread": "_interpchannels _interpqueues _interpreters",
    "there is no operating system below a cell": "fcntl grp pwd resource syslog",
    "there is no foreign code to call": "_ctypes",
    "there is no OpenSSL": "_hashlib _ssl",
    "there is no liblzma": "_lzma lzma",
    "there is no libuuid": "_uuid",
    "the library is part of tabcell and nothing can be installed": "ensurepip pip venv",
    "it belongs to Python's own tests": """__phello__ _testbuffer _testcapi _testclinic _testexternalinspection _testimportmultiple
        _testinternalcapi _testlimitedcapi _testmultiphase _testsinglephase _xxtestfuzz test xxlimited xxlimited_35 xxsubtype""",
    "it belongs to another operating system": """_aix_support _android_support _apple_support _ios_support _msi _osx_support _overlapped
        _scproxy _winapi _wmi encodings.mbcs encodings.oem msvcrt nt winreg winsound""",
}

REASONS = {name: "left out of tabcell: " + why for why, names in _WHY.items() for name in names.split()}


def left_out(name):
    """Whether the library has neither this module nor, it being a part of one, its package."""
    return name in REASONS or name.partition(".")[0] in REASONS
