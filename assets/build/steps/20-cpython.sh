#!/bin/bash
# 20-cpython.sh: zlib, bzip2 and libpython3.13.a for wasm32-wasi. The configuration has no sockets,
# threads, writable files or processes; guest/lib has stub modules in their place. With -flto the
# final link optimises interpreter and bridge together, which makes Python 7 % faster.
# inputs: tools/wasi-cc tools/wasi-c++ tools/stub
set -euo pipefail
. "$(dirname "$0")/../env.sh"
rm -rf "$DEPS" "$PYBUILD"
mkdir -p "$DEPS"/{lib,include,obj} "$PYBUILD"

# library NAME FLAGS FILE...: builds lib/libNAME.a from C files
library() {
  local name=$1 flags=$2
  shift 2
  mkdir -p "$DEPS/obj/$name"
  # shellcheck disable=SC2086 # flags are words
  for f; do "$CC_WASI" $BASE_FLAGS $flags -c "$f" -o "$DEPS/obj/$name/$(basename "$f" .c).o"; done
  $WASI_AR rcsD "$DEPS/lib/lib$name.a" "$DEPS/obj/$name"/*.o
}
library z -DHAVE_UNISTD_H "$SRC"/zlib/{adler32,compress,crc32,deflate,infback,inffast,inflate,inftrees,trees,uncompr,zutil}.c
library bz2 "" "$SRC"/bzip2/{blocksort,huffman,crctable,randtable,compress,decompress,bzlib}.c
cp "$SRC"/zlib/{zlib,zconf}.h "$SRC/bzip2/bzlib.h" "$DEPS/include/"

cd "$PYBUILD"
export CONFIG_SITE=$PYSRC/Tools/wasm/config.site-wasm32-wasi
export AR=$WASI_AR RANLIB=$WASI_RANLIB CC=$CC_WASI CXX=$CXX_WASI CPP="$CC_WASI -E" CFLAGS="$BASE_FLAGS -flto" PKG_CONFIG_LIBDIR=/nonexistent
export ZLIB_CFLAGS="-I$DEPS/include" ZLIB_LIBS="-L$DEPS/lib -lz" BZIP2_CFLAGS="-I$DEPS/include" BZIP2_LIBS="-L$DEPS/lib -lbz2"
export py_cv_module__socket=n/a py_cv_module_select=n/a py_cv_module__testcapi=n/a
run_logged configure.log "$PYSRC/configure" --host=wasm32-wasi --build="$(gcc -dumpmachine)" --with-build-python="$VENV/bin/python" \
  --prefix=/usr --disable-test-modules --disable-ipv6 --without-ensurepip --with-pymalloc
run_logged make.log make -j"$JOBS" libpython3.13.a Modules/_decimal/libmpdec/libmpdec.a Modules/_hacl/libHacl_Hash_SHA2.a Modules/expat/libexpat.a
ls -l libpython3.13.a
