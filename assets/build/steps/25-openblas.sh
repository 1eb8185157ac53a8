#!/bin/bash
# 25-openblas.sh: BLAS from OpenBLAS with its plain C kernels. 26-lapack.sh adds the rest of LAPACK.
# inputs: tools/wasi-cc-blas include
set -euo pipefail
. "$(dirname "$0")/../env.sh"
D=$WORK/openblas B=$WORK/build/openblas
rm -rf "$D" "$B"
mkdir -p "$D"/{lib,include}
cp -r "$SRC/openblas" "$B"
run_logged "$B.log" make -C "$B" -j"$JOBS" libs CC="$BUILD/tools/wasi-cc-blas" HOSTCC=gcc AR="$WASI_AR" RANLIB="$WASI_RANLIB" \
  TARGET=WASM128_GENERIC CROSS=1 NOFORTRAN=1 NO_LAPACKE=1 NO_LAPACK=0 C_LAPACK=1 USE_THREAD=0 NUM_THREADS=1 NO_SHARED=1 NO_AFFINITY=1 COMMON_OPT=-O2 LAPACK_O_FLAGS=
cp "$(find "$B" -maxdepth 1 -name 'libopenblas*.a' -type f | head -1)" "$D/lib/libopenblas.a"
cp "$B"/cblas.h "$B"/common*.h "$B"/config*.h "$D/include/"
sed -i 's/#include "common.h"/#include "openblas_config.h"/' "$D/include/cblas.h"
rm -rf "$B"
ls -l "$D/lib"
