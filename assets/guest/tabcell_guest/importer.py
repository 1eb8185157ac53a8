"""The import system of a cell: built-in modules, frozen modules, the resources of the library, and
modules that a script writes into folders of sys.path."""

import marshal
import sys

import _frozen_importlib as _bootstrap
import _io
import _tabcell
from _frozen_importlib_external import PathFinder

LIBRARY = "/lib"
INIT = ".__init__"


class Loader:
    """Loads a module from the resource m:NAME.

    The resource holds b"P" (package) or b"M" (module) and marshalled code, or, in packages that the
    administrator added, b"p" or b"m" and source text."""

    def __init__(self, name, path):
        self.name, self.path = name, path

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        exec(self.get_code(self.name), module.__dict__)

    def get_code(self, name):
        data = _resource(name)
        if data[:1] in b"PM":
            return marshal.loads(memoryview(data)[1:])
        return compile(data[1:], self.path, "exec", dont_inherit=True)

    def get_filename(self, name):
        return self.path

    def get_source(self, name):
        """Returns the text of a module that the administrator added. The library has only code."""
        data = _tabcell.resource("m:" + name)
        if data[:1] in b"PM":
            return None
        from importlib.util import decode_source

        return decode_source(bytes(data[1:]))

    def is_package(self, name):
        return _is_package(name, _resource(name))

    def get_resource_reader(self, name):
        """Returns the reader that importlib.resources uses for the files of a package."""
        from importlib.readers import FileReader

        return FileReader(self)

    def get_data(self, path):
        """Returns the bytes of a file (pkgutil.get_data)."""
        with _io.FileIO(path) as file:
            return file.read()


def _resource(name):
    """Returns the resource of a module. PACKAGE.__init__ is the package's code as another module, as
    `from .__init__ import name` imports it."""
    return _tabcell.resource("m:" + name.removesuffix(INIT))


def _is_package(name, data):
    return data[:1] in b"Pp" and not name.endswith(INIT)


def _path(name, package):
    """Returns the path of the module's file. The host names the files in the same way (package vfs
    of the server)."""
    return f"{LIBRARY}/{name.replace('.', '/')}{'/__init__' if package else ''}.py"


def _find_before_library(name):
    """Finds a module in the folders that come before the library in sys.path."""
    before = sys.path[: sys.path.index(LIBRARY)] if LIBRARY in sys.path else []
    return PathFinder.find_spec(name, before) if before else None


class Finder:
    """Finds modules among the resources."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        spec = _find_before_library(name) if path is None and sys.path[:1] != [LIBRARY] else None
        if spec:
            return spec
        data = _resource(name)
        if data is None:
            return None
        package = _is_package(name, data)
        file = _path(name, package)
        spec = _bootstrap.ModuleSpec(name, Loader(name, file), origin=file, is_package=package)
        spec.has_location = True
        if package:
            spec.submodule_search_locations.append(file.rpartition("/")[0])
        return spec

    @staticmethod
    def find_distributions(context):
        """Returns none: PathFinder finds them."""
        from tabcell_guest import distributions

        distributions.note_search(context.name)
        return ()

    @staticmethod
    def invalidate_caches():
        """Does nothing, because resources do not change."""

    @staticmethod
    def iter_modules(prefix=""):
        """Tells the host that a script lists all modules, with pkgutil.iter_modules(). The host may
        then run the script again in a guest that has more. Returns none."""
        _tabcell.has_resource("m:*")
        return ()


def install():
    """Replaces the finders. Path hooks stay those of Python."""
    sys.meta_path[:] = [_bootstrap.BuiltinImporter, _bootstrap.FrozenImporter, Finder, PathFinder]
    sys.path_importer_cache.clear()
    sys.path[:] = [LIBRARY]
