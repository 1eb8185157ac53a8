"""importlib.metadata for packages that the administrator added: many ask for their own version when they are imported."""

import importlib.metadata
import re

import _tabcell


class Distribution(importlib.metadata.Distribution):
    """A distribution whose folder NAME.dist-info is among the resources."""

    def __init__(self, folder):
        self._folder = folder

    def read_text(self, filename):
        data = _tabcell.resource(f"f:/lib/{self._folder}/{filename}")
        return None if data is None else data.decode("utf-8")

    def locate_file(self, path):
        from tabcell_guest import resource_files

        return resource_files.Path("/lib").joinpath(str(path))


def find(context):
    """Those that the context asks for; the resource "distributions" lists them, one "name folder" a line."""
    for line in (_tabcell.resource("distributions") or b"").decode("utf-8").splitlines():
        name, folder = line.split(" ")
        if context.name is None or _normal(context.name) == _normal(name):
            yield Distribution(folder)


def _normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()
