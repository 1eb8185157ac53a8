"""Brings the interpreter to the state that the image captures: imports come from the resources, the libraries are loaded."""

import sys

import _tabcell

from tabcell_guest import library


def boot():
    """Prepares the interpreter; returns the functions that run a call, load a model, and compile a script."""
    library.install()
    from tabcell_guest import files, refusals

    refusals.install()
    files.install()  # before the libraries: scikit-learn reads style sheets when it is imported
    import gc

    preload()
    from tabcell_guest import evaluate, model, script

    evaluate.prepare()
    _tabcell.learn_entropy()
    gc.collect()
    gc.freeze()  # nothing of the image is ever collected, so collections in a cell do not touch its pages
    return evaluate.evaluate, model.load, script.compile_alone


def preload():
    """Imports what the host names, so that the image holds it. A missing module of the guest is a fault of the build and ends the start; one of
    the administrator's (?name) is told of, and scripts meet the error when they import it."""
    names = _tabcell.resource("preload")
    for name in (names or b"").decode().split():
        try:
            __import__(name.removeprefix("?"))
        except Exception as e:
            if not name.startswith("?"):
                raise
            print(f"{name[1:]} cannot be imported: {type(e).__name__}: {e}", file=sys.stderr, flush=True)
