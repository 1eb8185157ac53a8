"""Functions that Python has on Linux and not on this platform."""

import os
import time

_BLOCK = 4096
# A cell's memory holds its files, and addresses have 32 bits.
_BLOCKS = 2**32 // _BLOCK
_clock_info = time.get_clock_info


def thread_time():
    """Returns the time of the cell's only thread: that of the process."""
    return time.process_time()


def thread_time_ns():
    return time.process_time_ns()


def get_clock_info(name):
    return _clock_info("process_time" if name == "thread_time" else name)


def statvfs(path):
    """Returns the size of the cell's file system: what its memory can address at most. The limits
    of the server are lower. GAP: these are constants."""
    os.stat(path)  # raises the error for a path that does not exist
    return os.statvfs_result((_BLOCK, _BLOCK, _BLOCKS, _BLOCKS // 2, _BLOCKS // 2, 1000, 1000, 1000, 0, 255))


def install():
    """Adds the functions to their modules."""
    for function in (thread_time, thread_time_ns, get_clock_info):
        function.__module__ = "time"
        setattr(time, function.__name__, function)
    statvfs.__module__ = "os"
    os.statvfs = statvfs
