"""Tells the host which distributions a script searches for with importlib.metadata, which finds
those of this guest in the library's folder. The host may run the script again in a guest that has
more."""

import re

import _tabcell


def note_search(name):
    """Notes the search for a distribution, or for all of them if the name is None."""
    _tabcell.has_resource("dist:" + ("*" if name is None else re.sub(r"[-_.]+", "-", name).lower()))
