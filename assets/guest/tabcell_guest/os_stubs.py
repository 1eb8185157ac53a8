"""Functions of os that start processes, as stubs that fail with a clear message. This platform
lacks them, and "module 'os' has no attribute 'system'" would not explain why a script fails that
works elsewhere."""

import errno
import os

_NAMES = ("execv execve kill killpg pipe pipe2 posix_spawn posix_spawnp spawnl spawnle spawnlp spawnlpe spawnv spawnve spawnvp spawnvpe system"
          " wait wait3 wait4 waitid waitpid")
# Libraries use hasattr to test for these, so they must be absent.
_TESTED_FOR = ("fork", "forkpty", "register_at_fork")


def _stub(name):
    def fail(*args, **kwargs):
        raise OSError(errno.ENOTSUP, f"os.{name}: processes are not available in a cell")

    fail.__name__ = fail.__qualname__ = name
    return fail


def _missing(name):
    if name in _TESTED_FOR:
        raise AttributeError(f"os.{name}: processes are not available in a cell", name=name, obj=os)
    raise AttributeError(f"module 'os' has no attribute {name!r}", name=name, obj=os)


def install():
    """Adds the stubs to os."""
    for name in _NAMES.split():
        if not hasattr(os, name):
            setattr(os, name, _stub(name))
    os.WNOHANG = 1  # multiprocessing refers to it when it is imported
    os.__getattr__ = _missing
