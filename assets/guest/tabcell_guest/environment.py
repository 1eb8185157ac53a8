"""The environment variables of a grant, which only its scripts have."""

import _tabcell

from tabcell_guest import abi


def prepare():
    """Adds the variables of the call to os.environ. It runs before a script and before a query, never
    while an image is made."""
    text = _tabcell.input(abi.INPUT_ENV)
    if text:
        import json
        import os

        os.environ.update(json.loads(text))
