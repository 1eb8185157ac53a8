#!/bin/bash
# 26-lapack.sh: LAPACK (Fortran) translated to C by f2c (tools/f2lapack.py); files in lapack/ replace
# translated ones. It precedes OpenBLAS in the link: OpenBLAS's own getrf, potrf, laswp, trtri ...
# return int and are not used (LAPACK's versions call its gemm and trsm).
# inputs: tools/f2lapack.py lapack
set -euo pipefail
. "$(dirname "$0")/../env.sh"
D=$WORK/build/lapack
rm -rf "$D"
mkdir -p "$D"/{c,o}
python "$BUILD/tools/f2lapack.py" "$SRC/lapack" "$D/c"
cp "$BUILD/lapack/"* "$D/c/"
cd "$D/c"
printf '%s\0' *.c | xargs -0 -P "$JOBS" -n 24 \
  sh -c 'for f; do $CC_WASI $LIB_FLAGS -std=gnu17 -w -c "$f" -o "../o/${f%.c}.o" || exit 255; done' compile
cd "$D/o"
rm -f "$WORK/openblas/lib/liblapack.a"
printf '%s\n' *.o | LC_ALL=C sort | xargs "$WASI_AR" rcsD "$WORK/openblas/lib/liblapack.a"
ls -l "$WORK/openblas/lib/liblapack.a"
