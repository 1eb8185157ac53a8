#!/bin/bash
# 50-scipy.sh: scipy, cross-compiled with meson, without Fortran, and with Python or Cython code
# instead of pythran. Boost's functions return NaN or infinity where they would throw, and compute
# in double: the long double variant of owens_t (skewnorm) does not terminate here.
# inputs: versions.lock:scipy patches/scipy patches/pybind11
set -euo pipefail
. "$(dirname "$0")/../env.sh"
. "$BUILD/tools/meson.sh"
unpack scipy
rm -rf "$WORK/guestpybind11" # mcc puts these headers in place of the native ones
mkdir -p "$WORK/guestpybind11"
cp -r "$VENV"/lib/python3.13/site-packages/pybind11/include "$WORK/guestpybind11/"
apply_patches pybind11 "$WORK/guestpybind11"
meson_build scipy -Dblas=openblas -Dlapack=openblas -Duse-pythran=false -D_without-fortran=true -Duse-system-libraries=none \
  -Dcpp_args="$(printf '%s ' -DDUCC0_NO_LOWLEVEL_THREADING -DBOOST_MATH_PROMOTE_DOUBLE_POLICY=false \
    -DBOOST_MATH_{DOMAIN,POLE,OVERFLOW,EVALUATION,ROUNDING}_ERROR_POLICY=ignore_error)"
