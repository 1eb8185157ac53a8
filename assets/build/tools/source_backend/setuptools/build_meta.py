"""The stub of ../../sdist_backend for projects of which only the Python files are used. PyYAML's own
backend reads __all__, and projects without a pyproject.toml are built by __legacy__."""
import sys

from mesonpy import build_wheel, get_requires_for_build_sdist, get_requires_for_build_wheel, prepare_metadata_for_build_wheel

__all__ = ["build_wheel", "get_requires_for_build_sdist", "get_requires_for_build_wheel", "prepare_metadata_for_build_wheel"]
__legacy__ = sys.modules[__name__]
