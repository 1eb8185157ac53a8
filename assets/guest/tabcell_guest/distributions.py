"""importlib.metadata for packages that the administrator added. Many packages look up their own
version when they are imported."""

import importlib.metadata
import re

import _tabcell


class Distribution(importlib.metadata.Distribution):
    """A distribution whose NAME.dist-info folder is in the resources."""

    def __init__(self, folder):
        self._folder = folder

    def read_text(self, filename):
        data = _tabcell.resource(f"f:/lib/{self._folder}/{filename}")
        return None if data is None else data.decode("utf-8")

    def locate_file(self, path):
        from tabcell_guest import resource_files

        return resource_files.Path("/lib").joinpath(str(path))


def find(context):
    """Returns the distributions that match the context. Each line of the resource "distributions"
    has the name and folder of one.

    The lookup of dist:NAME tells the host that the script searches for another one, or for all of
    them (dist:*). The host may then run the script again in a guest that has more."""
    lines = (_tabcell.resource("distributions") or b"").decode("utf-8").splitlines()
    name = None if context.name is None else _normalise(context.name)
    found = [Distribution(folder) for n, folder in (line.split(" ") for line in lines) if name in (None, _normalise(n))]
    if name is None or not found:
        _tabcell.has_resource("dist:" + (name or "*"))
    return found


def _normalise(name):
    return re.sub(r"[-_.]+", "-", name).lower()
