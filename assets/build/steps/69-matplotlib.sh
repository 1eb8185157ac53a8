#!/bin/bash
# 69-matplotlib.sh: matplotlib with its backends for PNG, SVG, PDF and PostScript, cross-compiled with
# meson, and the libraries that it needs. The headers of pybind11 are those of 50-scipy.sh.
# inputs: versions.lock:matplotlib versions.lock:raqm patches/matplotlib tools/fonts.sh
set -euo pipefail
. "$(dirname "$0")/../env.sh"
. "$BUILD/tools/meson.sh"
. "$BUILD/tools/fonts.sh"
build_fonts
unpack matplotlib
meson_build matplotlib -Dsystem-freetype=true -Dsystem-libraqm=true -Dsystem-qhull=true -DrcParams-backend=Agg -Db_lto=false
