"""The stub build backend under the name that projects without meson use."""
import sys

from mesonpy import build_wheel as _download_only
from mesonpy import get_requires_for_build_sdist, get_requires_for_build_wheel, prepare_metadata_for_build_wheel  # noqa: F401


class _Backend:
    """The class that Pillow's own backend derives from; it finds it through build_wheel."""

    def build_wheel(self, *a, **k):
        _download_only()


build_wheel = _Backend().build_wheel
__legacy__ = sys.modules[__name__]  # for a pyproject.toml that names no backend (lxml)
