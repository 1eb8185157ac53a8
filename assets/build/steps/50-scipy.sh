#!/bin/bash
# 50-scipy.sh: scipy, cross-configured with meson. No Fortran; no pythran, for which Python or Cython takes its place. Boost's functions
# answer NaN or infinity where they would throw, and compute in double: owens_t's way for long double (skewnorm) does not end here.
# inputs: versions.lock:scipy patches/scipy
set -euo pipefail
. "$(dirname "$0")/../env.sh"
. "$BUILD/tools/meson.sh"
unpacked scipy
built scipy -Dblas=openblas -Dlapack=openblas -Duse-pythran=false -D_without-fortran=true -Duse-system-libraries=none \
  -Dcpp_args="$(printf '%s ' -DDUCC0_NO_LOWLEVEL_THREADING -DBOOST_MATH_PROMOTE_DOUBLE_POLICY=false \
    -DBOOST_MATH_{DOMAIN,POLE,OVERFLOW,EVALUATION,ROUNDING}_ERROR_POLICY=ignore_error)"
