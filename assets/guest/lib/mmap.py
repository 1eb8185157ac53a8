"""Stub of mmap. It can be imported, as pandas does at its top, but files cannot be mapped."""

ACCESS_DEFAULT, ACCESS_READ, ACCESS_WRITE, ACCESS_COPY = range(4)
ALLOCATIONGRANULARITY = PAGESIZE = 65536
error = OSError


class mmap:
    def __init__(self, *args, **kwargs):
        raise OSError("memory-mapped files are not available in a cell")
