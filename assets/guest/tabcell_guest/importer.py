"""The import system of a cell: built-in modules, frozen modules, and resources. No folders are
searched."""

import marshal
import sys

import _frozen_importlib as _bootstrap
import _tabcell

from tabcell_guest import omitted


class Loader:
    """Loads a module from the resource m:NAME.

    The resource holds b"P" (package) or b"M" (module) and marshalled code, or, in packages that the
    administrator added, b"p" or b"m" and source text."""

    def __init__(self, name):
        self.name = name

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        exec(self.get_code(self.name), module.__dict__)

    def get_code(self, name):
        data = _tabcell.resource("m:" + name)
        if data[:1] in b"PM":
            return marshal.loads(memoryview(data)[1:])
        return compile(data[1:], _origin(name, data), "exec", dont_inherit=True)

    def get_source(self, name):
        return None

    def is_package(self, name):
        return _is_package(_tabcell.resource("m:" + name))

    def get_resource_reader(self, name):
        """Returns the reader that importlib.resources uses for the files of a package."""
        from tabcell_guest import resource_files

        return resource_files.Reader(name)

    def get_data(self, path):
        """Returns the bytes of a data file below /lib (pkgutil.get_data, importlib.resources)."""
        data = _tabcell.resource("f:" + path)
        if data is None:
            raise FileNotFoundError(2, "No such file or directory", path)
        return data


def _is_package(data):
    return data[:1] in b"Pp"


def _origin(name, data):
    return "/lib/" + name.replace(".", "/") + ("/__init__.py" if _is_package(data) else ".py")


class Finder:
    """Finds modules among the resources, and says why an omitted module is missing."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        data = _tabcell.resource("m:" + name)
        if data is None:
            reason = omitted.REASONS.get(name)
            if reason:
                raise ModuleNotFoundError(f"No module named {name!r}: {reason}", name=name)
            return None
        package = _is_package(data)
        spec = _bootstrap.ModuleSpec(name, Loader(name), origin=_origin(name, data), is_package=package)
        spec.has_location = True
        if package:
            spec.submodule_search_locations.append("/lib/" + name.replace(".", "/"))
        return spec

    @staticmethod
    def find_distributions(context):
        """Yields the distributions for importlib.metadata."""
        from tabcell_guest import distributions

        return distributions.find(context)

    @staticmethod
    def invalidate_caches():
        """Does nothing, because resources do not change."""


def install():
    """Replaces all other finders and path hooks."""
    sys.meta_path[:] = [_bootstrap.BuiltinImporter, _bootstrap.FrozenImporter, Finder]
    sys.path_hooks.clear()
    sys.path_importer_cache.clear()
    sys.path.clear()
