#!/bin/bash
# 68-contourpy.sh: contourpy, which computes matplotlib's contours, cross-compiled with meson. The
# headers of pybind11 are those of 50-scipy.sh.
# inputs: versions.lock:contourpy patches/contourpy
set -euo pipefail
. "$(dirname "$0")/../env.sh"
. "$BUILD/tools/meson.sh"
unpack contourpy
meson_build contourpy -Dwerror=false
