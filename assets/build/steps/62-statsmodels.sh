#!/bin/bash
# 62-statsmodels.sh: statsmodels, cross-compiled with meson. The .pxd files of BLAS come from the
# native scipy of the build tools. The templates of its Cython code are left out, and so are the
# files that its data sets were made from (datasets/*/src), which no module reads.
# inputs: versions.lock:statsmodels patches/statsmodels
set -euo pipefail
. "$(dirname "$0")/../env.sh"
. "$BUILD/tools/meson.sh"
unpack statsmodels
meson_build statsmodels
cd "$WORK/inst/statsmodels/site/statsmodels"
find . -type f \( -name '*.in' -o -path './datasets/*/src/*' \) -delete
