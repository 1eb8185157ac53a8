#!/bin/bash
# 20-cpython.sh: zlib, bzip2, liblzma, SQLite and libpython3.13.a for wasm32-wasi. The configuration
# has no sockets, threads or processes; guest/lib has stub modules in their place. With -flto the
# final link optimises interpreter and bridge together, which makes Python 7 % faster.
# inputs: tools/wasi-cc tools/wasi-c++ tools/stub
set -euo pipefail
. "$(dirname "$0")/../env.sh"
rm -rf "$DEPS" "$PYBUILD" "$WORK/build/sqlite"
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

# liblzma with all filters and checks, without threads
XZ=$SRC/xz/src
xz_flags="-DNDEBUG -I$XZ/common -DTUKLIB_SYMBOL_PREFIX=lzma_ -DSIZEOF_SIZE_T=4 -DTUKLIB_FAST_UNALIGNED_ACCESS -DHAVE___BUILTIN_BSWAPXX"
for d in api common check delta lz lzma rangecoder simple; do xz_flags+=" -I$XZ/liblzma/$d"; done
for d in INTTYPES_H STDINT_H STDBOOL_H STRING_H ENCODERS DECODERS LZIP_DECODER CHECK_{CRC32,CRC64,SHA256} MF_{HC3,HC4,BT2,BT3,BT4}; do xz_flags+=" -DHAVE_$d"; done
for d in {EN,DE}CODER_{ARM,ARM64,ARMTHUMB,DELTA,IA64,LZMA1,LZMA2,POWERPC,RISCV,SPARC,X86}; do xz_flags+=" -DHAVE_$d"; done
# shellcheck disable=SC2046 # one word for each file
library lzma "$xz_flags" $(find "$XZ"/liblzma/{check,common,delta,lz,lzma,rangecoder,simple} -name '*.c' |
  grep -vE '_small|_tablegen|_mt|_consts_gen|hardware_|outqueue' | LC_ALL=C sort)
cp -r "$XZ"/liblzma/api/{lzma.h,lzma} "$DEPS/include/"

# SQLite, in one file that its own build generates. A cell has one thread and one process, so there
# are no locks, no shared memory and no temporary files. The extensions are those of Debian's build
# that scripts use.
mkdir -p "$WORK/build/sqlite"
(cd "$WORK/build/sqlite" && run_logged configure.log "$SRC/sqlite/configure" --disable-tcl && run_logged make.log make sqlite3.c)
sqlite_flags="-DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_OMIT_WAL -DSQLITE_MAX_MMAP_SIZE=0 -DSQLITE_TEMP_STORE=3 -DSQLITE_DEFAULT_UNIX_VFS=\"unix-none\"
  -DSQLITE_MAX_VARIABLE_NUMBER=250000 -DSQLITE_SOUNDEX -DHAVE_ISNAN -DHAVE_USLEEP"
for d in FTS3 FTS3_PARENTHESIS FTS4 FTS5 MATH_FUNCTIONS RTREE STAT4; do sqlite_flags+=" -DSQLITE_ENABLE_$d"; done
library sqlite3 "$sqlite_flags" "$WORK/build/sqlite/sqlite3.c"
cp "$WORK/build/sqlite/sqlite3.h" "$DEPS/include/"

cd "$PYBUILD"
export CONFIG_SITE=$PYSRC/Tools/wasm/config.site-wasm32-wasi
export AR=$WASI_AR RANLIB=$WASI_RANLIB CC=$CC_WASI CXX=$CXX_WASI CPP="$CC_WASI -E" CFLAGS="$BASE_FLAGS -flto" PKG_CONFIG_LIBDIR=/nonexistent
export ZLIB_CFLAGS="-I$DEPS/include" ZLIB_LIBS="-L$DEPS/lib -lz" BZIP2_CFLAGS="-I$DEPS/include" BZIP2_LIBS="-L$DEPS/lib -lbz2"
export LIBLZMA_CFLAGS="-I$DEPS/include" LIBLZMA_LIBS="-L$DEPS/lib -llzma" LIBSQLITE3_CFLAGS="-I$DEPS/include" LIBSQLITE3_LIBS="-L$DEPS/lib -lsqlite3"
export py_cv_module__socket=n/a py_cv_module_select=n/a py_cv_module__testcapi=n/a
run_logged configure.log "$PYSRC/configure" --host=wasm32-wasi --build="$(gcc -dumpmachine)" --with-build-python="$VENV/bin/python" \
  --prefix=/usr --disable-test-modules --disable-ipv6 --without-ensurepip --with-pymalloc
run_logged make.log make -j"$JOBS" libpython3.13.a Modules/_decimal/libmpdec/libmpdec.a Modules/_hacl/libHacl_Hash_SHA2.a Modules/expat/libexpat.a
ls -l libpython3.13.a
