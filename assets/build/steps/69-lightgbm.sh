#!/bin/bash
# 69-lightgbm.sh: LightGBM's library, cross-compiled with meson, with the table of its functions for
# ctypes (guest/foreign.h), and its Python package. The table leaves out the functions that take
# others as void pointers: their types cannot be checked.
# inputs: versions.lock:lightgbm patches/lightgbm ../guest/foreign.h ../guest/foreign_table.hpp
set -euo pipefail
. "$(dirname "$0")/../env.sh"
. "$BUILD/tools/meson.sh"
unpack lightgbm
cd "$SRC/lightgbm"
grep -oE '\bLGBM_[A-Za-z0-9]+\(' include/LightGBM/c_api.h | sort -u | grep -vE 'FromCSRFunc|WithFunctions|SetLastError' |
  sed 's/\(.*\)(/FOREIGN(\1)/' > src/foreign_functions.inc
meson_build lightgbm -Dcpp_args="-I$ASSETS/guest"
