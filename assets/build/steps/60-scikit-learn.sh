#!/bin/bash
# 60-scikit-learn.sh: scikit-learn, cross-compiled with meson. The .pxd files of BLAS come from the
# native scipy of the build tools.
# inputs: versions.lock:scikit-learn patches/scikit-learn
set -euo pipefail
. "$(dirname "$0")/../env.sh"
. "$BUILD/tools/meson.sh"
unpack scikit-learn
meson_build scikit-learn
