#!/bin/bash
# 67-kiwisolver.sh: kiwisolver, which lays out matplotlib's figures, cross-compiled with meson. cppy
# is a library of headers.
# inputs: versions.lock:kiwisolver versions.lock:cppy patches/kiwisolver
set -euo pipefail
. "$(dirname "$0")/../env.sh"
. "$BUILD/tools/meson.sh"
unpack cppy
unpack kiwisolver
meson_build kiwisolver -Dcppy="$SRC/cppy/cppy/include"
