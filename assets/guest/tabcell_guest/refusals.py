"""Starting processes, refused in words. These functions of os are missing on this platform; an AttributeError would say nothing to somebody
whose script ran elsewhere."""

import errno
import os

_NAMES = ("execv execve execvp execvpe fork forkpty kill killpg posix_spawn posix_spawnp spawnl spawnle spawnlp spawnlpe spawnv spawnve spawnvp"
          " spawnvpe system wait wait3 wait4 waitid waitpid")


def _refusal(name):
    def refused(*args, **kwargs):
        raise OSError(errno.ENOTSUP, f"os.{name}: processes are not available in a cell")

    refused.__name__ = refused.__qualname__ = name
    return refused


def install():
    """Adds to os what it lacks."""
    for name in _NAMES.split():
        if not hasattr(os, name):
            setattr(os, name, _refusal(name))
    os.register_at_fork = lambda **functions: None  # random and others register when there is a fork to call
