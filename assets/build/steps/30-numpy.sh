#!/bin/bash
# 30-numpy.sh: numpy, cross-compiled with its vendored meson. BLAS and LAPACK are added by the final
# link.
# inputs: versions.lock:numpy patches/numpy tools/mcc tools/pkg-config tools/meson.sh include
set -euo pipefail
. "$(dirname "$0")/../env.sh"
. "$BUILD/tools/meson.sh"
unpack numpy
rm -rf "$WORK/guestnumpy" # mcc would prefer the headers of an earlier build
MESON="python $SRC/numpy/vendored-meson/meson/meson.py"
# -disable-lsr: loop strength reduction turns the offsets of loads into additions, each with its own
# bounds check (a sum takes 0.46 ns for each element with it, 0.26 ns without).
meson_build numpy -Dblas=openblas -Dlapack=openblas -Dallow-noblas=false -Db_lto=false -Ddisable-optimization=true -Ddisable-svml=true \
  -Dc_args='-mllvm -disable-lsr' -Dcpp_args='-mllvm -disable-lsr'

# The headers of this numpy, for the packages built after it (mcc uses them instead of the native
# numpy's).
I=$WORK/guestnumpy/include/numpy
mkdir -p "$I/random" "$WORK/guestnumpy/lib"
cp -r "$SRC/numpy/numpy/_core/include/numpy/." "$I/"
cp "$WORK/build/numpy/numpy/_core"/{__multiarray_api.h,__ufunc_api.h,_numpyconfig.h} "$I/"
find "$WORK/build/numpy" -name 'libnpy*.a' -exec cp {} "$WORK/guestnumpy/lib/" \;
