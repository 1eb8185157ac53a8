"""The stub build backend under the name that projects in Rust use."""
from mesonpy import build_wheel, get_requires_for_build_sdist, get_requires_for_build_wheel, prepare_metadata_for_build_wheel  # noqa: F401
