#!/bin/bash
# 60-scikit-learn.sh: scikit-learn, cross-configured with meson. The native scipy of the build tools gives the .pxd files of BLAS.
# inputs: versions.lock:scikit-learn patches/scikit-learn
set -euo pipefail
. "$(dirname "$0")/../env.sh"
. "$BUILD/tools/meson.sh"
unpacked scikit-learn
built scikit-learn
