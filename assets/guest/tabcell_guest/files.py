"""Functions of os for files that CPython does not have on this platform. The other ones use the file
system of fs.h."""

import os

import _tabcell

SCRATCH = "/tmp"  # the working directory of scripts
_UMASK = 0o022


def _dup2(fd, fd2, inheritable=True):
    """Makes fd2 another descriptor of the file of fd, and returns it."""
    return _tabcell.dup2(fd, fd2)


def _umask(mask):
    """Returns the usual mask; files have no permissions that it could change."""
    return _UMASK


def install():
    """Adds the functions to os, and makes relative paths lead to the scratch folder."""
    os.dup, os.dup2, os.umask = _tabcell.dup, _dup2, _umask
    os.chdir(SCRATCH)
