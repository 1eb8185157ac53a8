"""The import system of a cell: built-in and frozen modules, and compiled modules among the resources. There are no folders to search."""

import marshal
import sys

import _frozen_importlib as _bootstrap
import _tabcell

from tabcell_guest import left_out


class Loader:
    """Runs a compiled module: the resource m:NAME holds b"P" (package) or b"M" and the marshalled code."""

    def __init__(self, name):
        self.name = name

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        exec(self.get_code(self.name), module.__dict__)

    def get_code(self, name):
        return marshal.loads(memoryview(_tabcell.resource("m:" + name))[1:])

    def get_source(self, name):
        return None

    def is_package(self, name):
        return _tabcell.resource("m:" + name)[:1] == b"P"

    def get_resource_reader(self, name):
        """What importlib.resources asks for the files of a package."""
        from tabcell_guest import resource_files

        return resource_files.Reader(name)

    def get_data(self, path):
        """The bytes of a data file below /lib (pkgutil.get_data, importlib.resources)."""
        data = _tabcell.resource("f:" + path)
        if data is None:
            raise FileNotFoundError(2, "No such file or directory", path)
        return data


class Finder:
    """Finds modules among the resources; a module that was left out on purpose says why."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        code = _tabcell.resource("m:" + name)
        if code is None:
            reason = left_out.REASONS.get(name)
            if reason:
                raise ModuleNotFoundError(f"No module named {name!r}: {reason}", name=name)
            return None
        package = code[:1] == b"P"
        base = "/lib/" + name.replace(".", "/")
        spec = _bootstrap.ModuleSpec(name, Loader(name), origin=base + ("/__init__.py" if package else ".py"), is_package=package)
        spec.has_location = True
        if package:
            spec.submodule_search_locations.append(base)
        return spec

    @staticmethod
    def invalidate_caches():
        """There is nothing to forget: the resources do not change."""


def install():
    """Makes this the whole import system."""
    sys.meta_path[:] = [_bootstrap.BuiltinImporter, _bootstrap.FrozenImporter, Finder]
    sys.path_hooks.clear()
    sys.path_importer_cache.clear()
    sys.path.clear()
