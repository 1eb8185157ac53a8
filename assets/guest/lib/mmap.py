"""mmap for the files of a cell. A map is a copy of the file in memory: changes reach the file with
flush, close, or the end of the map, and changes of the file do not reach the map."""

import errno as _errno
import os as _os
import weakref as _weakref

ACCESS_DEFAULT, ACCESS_READ, ACCESS_WRITE, ACCESS_COPY = range(4)
MAP_SHARED, MAP_PRIVATE, MAP_ANON = 1, 2, 32
MAP_ANONYMOUS = MAP_ANON
PROT_READ, PROT_WRITE, PROT_EXEC = 1, 2, 4
MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTNEED = range(5)
ALLOCATIONGRANULARITY = PAGESIZE = 4096
error = OSError
_HOST_DEVICE = 3  # st_dev of the files that a grant allows to read (fs_stat.c)


def _access(flags, prot, access):
    """Returns the access that flags and prot, or access, ask for."""
    if access != ACCESS_DEFAULT:
        if flags != MAP_SHARED or prot != PROT_READ | PROT_WRITE:
            raise ValueError("mmap can't specify both access and flags, prot.")
        if access not in (ACCESS_READ, ACCESS_WRITE, ACCESS_COPY):
            raise ValueError("mmap invalid access parameter.")
        return access
    if not prot & PROT_WRITE:
        return ACCESS_READ
    return ACCESS_COPY if flags & MAP_PRIVATE else ACCESS_WRITE


def _check_mappable(fileno):
    if _os.fstat(fileno).st_dev == _HOST_DEVICE:
        raise OSError(_errno.ENOTSUP, "a file of a grant cannot be mapped into memory in a cell; read it (mmap_mode=None, memory_map=False)")


def _length(fileno, length, offset):
    """Returns the number of bytes to map, after the checks of CPython."""
    if length < 0 or offset < 0:
        raise OverflowError(f"memory mapped {'length' if length < 0 else 'offset'} must be positive")
    if offset % ALLOCATIONGRANULARITY:
        raise OSError(_errno.EINVAL, _os.strerror(_errno.EINVAL))
    size = _os.fstat(fileno).st_size
    if length == 0:
        if size == 0:
            raise ValueError("cannot mmap an empty file")
        if offset >= size:
            raise ValueError("mmap offset is greater than file size")
        return size - offset
    if length > size - offset:
        raise ValueError("mmap length is greater than file size")
    return length


def _check_writable(fileno):
    try:
        _os.pwrite(fileno, b"", 0)
    except OSError:
        raise PermissionError(_errno.EACCES, _os.strerror(_errno.EACCES)) from None


def _read(fileno, length, offset):
    data = bytearray(length)
    view, done = memoryview(data), 0
    while done < length:
        part = _os.pread(fileno, min(length - done, 1 << 20), offset + done)
        if not part:
            break
        view[done : done + len(part)] = part
        done += len(part)
    return data


def _write(fileno, data, offset):
    done = 0
    while done < len(data):
        done += _os.pwrite(fileno, data[done : done + (1 << 20)], offset + done)


def _end(fileno, data, offset, writes):
    if writes:
        _write(fileno, data, offset)
    _os.close(fileno)


class mmap:
    def __init__(self, fileno, length, flags=MAP_SHARED, prot=PROT_READ | PROT_WRITE, access=ACCESS_DEFAULT, offset=0, *, trackfd=True):
        if fileno == -1 or flags & MAP_ANON:
            raise OSError("memory that belongs to no file cannot be mapped in a cell; use a bytearray")
        _check_mappable(fileno)
        access = _access(flags, prot, access)
        data = _read(fileno, _length(fileno, length, offset), offset)
        self._writes, self._position, self._offset = access == ACCESS_WRITE, 0, offset
        if self._writes:
            _check_writable(fileno)
        self._data = data
        self._view = memoryview(data) if access != ACCESS_READ else memoryview(data).toreadonly()
        self._file = _os.dup(fileno)
        self._finish = _weakref.finalize(self, _end, self._file, data, offset, self._writes)

    def _open(self):
        if not self._finish.alive:
            raise ValueError("mmap closed or invalid")
        return self._view

    def _for_writing(self):
        view = self._open()
        if view.readonly:
            raise TypeError("mmap can't modify a readonly memory map.")
        return view

    def __buffer__(self, flags):
        return memoryview(self._open())

    def __len__(self):
        return len(self._open())

    def __getitem__(self, index):
        found = self._open()[index]
        return found if isinstance(found, int) else bytes(found)

    def __setitem__(self, index, value):
        self._for_writing()[index] = value

    def __iter__(self):
        return (self[i : i + 1] for i in range(len(self)))

    def __enter__(self):
        self._open()
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def closed(self):
        return not self._finish.alive

    def close(self):
        self._finish()

    def flush(self, offset=0, size=None):
        view = self._open()
        size = len(view) - offset if size is None else size
        if offset < 0 or size < 0 or offset + size > len(view):
            raise ValueError("flush values out of range")
        if self._writes:
            _write(self._file, view[offset : offset + size], self._offset + offset)

    def size(self):
        self._open()
        return _os.fstat(self._file).st_size

    def resize(self, newsize):
        raise SystemError("mmap: resizing not available--no mremap()")

    def madvise(self, option, start=0, length=None):
        self._open()

    def tell(self):
        self._open()
        return self._position

    def seekable(self):
        return True

    def seek(self, pos, whence=0):
        start = {0: 0, 1: self._position, 2: len(self)}.get(whence)
        if start is None:
            raise ValueError("unknown seek type")
        if not 0 <= start + pos <= len(self):
            raise ValueError("seek out of range")
        self._position = start + pos
        return self._position

    def read(self, n=None):
        view, begin = self._open(), self._position
        end = len(view) if n is None or n < 0 else min(begin + n, len(view))
        self._position = end
        return bytes(view[begin:end])

    def read_byte(self):
        if self._position >= len(self):
            raise ValueError("read byte out of range")
        return self.read(1)[0]

    def readline(self):
        end = self.find(b"\n", self._position)
        return self.read(None if end < 0 else end + 1 - self._position)

    def write(self, data):
        view, begin = self._for_writing(), self._position
        data = memoryview(data).cast("B")
        if begin + len(data) > len(view):
            raise ValueError("data out of range")
        view[begin : begin + len(data)] = data
        self._position = begin + len(data)
        return len(data)

    def write_byte(self, byte):
        if self._position >= len(self):
            raise ValueError("write byte out of range")
        self.write(bytes([byte]))

    def find(self, sub, start=None, end=None):
        return self._data.find(sub, self.tell() if start is None else start, len(self) if end is None else end)

    def rfind(self, sub, start=None, end=None):
        return self._data.rfind(sub, self.tell() if start is None else start, len(self) if end is None else end)

    def move(self, dest, src, count):
        view = self._for_writing()
        if min(dest, src, count) < 0 or max(dest, src) + count > len(view):
            raise ValueError("source, destination, or count out of range")
        view[dest : dest + count] = bytes(view[src : src + count])
