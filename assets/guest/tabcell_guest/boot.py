"""Prepares the interpreter for the capture of the image: installs the importer and loads the
libraries."""

import sys

import _tabcell

from tabcell_guest import importer


def boot():
    """Prepares the interpreter. Returns the functions that run a call, load a model and compile a
    script."""
    importer.install()
    from tabcell_guest import files, linux, locales, os_stubs, timezone

    os_stubs.install()
    linux.install()
    locales.install()
    timezone.install()
    files.install()
    import gc

    preload()
    from tabcell_guest import arrow, evaluate, model, script

    arrow.install()
    evaluate.prepare()
    _tabcell.find_entropy()
    gc.collect()
    # collections in a cell then ignore the objects of the image and do not touch its pages
    gc.freeze()
    return evaluate.evaluate, model.load, script.compile_only


def preload():
    """Imports the modules that the host names, so that the image contains them.

    If a module of the guest cannot be imported, the build is faulty and the start fails. A module
    of the administrator (?name) is reported on stderr; scripts get the error when they import
    it."""
    names = _tabcell.resource("preload")
    for name in (names or b"").decode().split():
        try:
            __import__(name.removeprefix("?"))
        except BaseException as e:  # a module may exit
            if not name.startswith("?"):
                raise
            print(f"{name[1:]} cannot be imported: {type(e).__name__}: {e}", file=sys.stderr, flush=True)
