"""Starting processes, refused in words. These functions of os are missing on this platform, and "module 'os' has no attribute 'system'" says
little to somebody whose script ran elsewhere."""

import errno
import os

_NAMES = ("execv execve kill killpg pipe pipe2 posix_spawn posix_spawnp spawnl spawnle spawnlp spawnlpe spawnv spawnve spawnvp spawnvpe system"
          " wait wait3 wait4 waitid waitpid")
# Libraries ask whether these are there, so they must not be.
_ASKED_FOR = ("fork", "forkpty", "register_at_fork")


def _refusal(name):
    def refused(*args, **kwargs):
        raise OSError(errno.ENOTSUP, f"os.{name}: processes are not available in a cell")

    refused.__name__ = refused.__qualname__ = name
    return refused


def _missing(name):
    if name in _ASKED_FOR:
        raise AttributeError(f"os.{name}: processes are not available in a cell", name=name, obj=os)
    raise AttributeError(f"module 'os' has no attribute {name!r}", name=name, obj=os)


def install():
    """Adds to os what it lacks."""
    for name in _NAMES.split():
        if not hasattr(os, name):
            setattr(os, name, _refusal(name))
    os.WNOHANG = 1  # multiprocessing names it when it is imported
    os.__getattr__ = _missing
