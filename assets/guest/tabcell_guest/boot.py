"""Brings the interpreter to the state that the image captures: imports come from the resources, the libraries are loaded."""

import _tabcell

from tabcell_guest import library


def boot():
    """Prepares the interpreter; returns the function that each call runs."""
    library.install()
    from tabcell_guest import refusals

    refusals.install()
    import gc

    preload()
    from tabcell_guest import evaluate, files

    files.install()
    evaluate.prepare()
    _tabcell.learn_entropy()
    gc.collect()
    gc.freeze()  # nothing of the image is ever collected, so collections in a cell do not touch its pages
    return evaluate.evaluate


def preload():
    """Imports what the host names (modules that scripts use much); a missing one is a fault of the build and ends the start."""
    names = _tabcell.resource("preload")
    for name in (names or b"").decode().split():
        __import__(name)
