"""Stand-in for mmap: there are no files to map. Importing works, as pandas does it at its top; mapping fails."""

ACCESS_DEFAULT, ACCESS_READ, ACCESS_WRITE, ACCESS_COPY = range(4)
ALLOCATIONGRANULARITY = PAGESIZE = 65536
error = OSError


class mmap:
    def __init__(self, *args, **kwargs):
        raise OSError("memory-mapped files are not available in a cell")
