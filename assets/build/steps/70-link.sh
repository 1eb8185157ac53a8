#!/bin/bash
# 70-link.sh: links $GUEST in $WORK/guests: GUEST.wasm, and GUEST.dbg.wasm, which keeps the names.
# inputs: packages.txt exports.txt imports.txt include patches/ctypes ../guest tools/collect.py tools/tables.py tools/interface.py
set -euo pipefail
. "$(dirname "$0")/../env.sh"
G=$ASSETS/guest L=$WORK/build/link-$GUEST
rm -rf "$L"
mkdir -p "$L" "$WORK/guests"
cd "$L"

# shellcheck disable=SC2046 # one folder for each package
python "$BUILD/tools/collect.py" $(guest_packages "$GUEST" 3 | sed "s#^[0-9]*-#$WORK/build/#") > modules.txt
python "$BUILD/tools/tables.py" inittab $(grep -v '\.lib_' modules.txt) _ctypes > inittab.c

# Frozen modules: encodings, because the interpreter needs a codec before it can import anything,
# and tabcell_guest, which contains the importer.
frozen=(encodings="$PYSRC/Lib/encodings/__init__.py")
for m in aliases utf_8 ascii latin_1; do frozen+=("encodings.$m=$PYSRC/Lib/encodings/$m.py"); done
frozen+=(tabcell_guest="$G/tabcell_guest/__init__.py")
for f in "$G"/tabcell_guest/*.py; do
  m=$(basename "$f" .py)
  case $m in __init__ | test_*) ;; *) frozen+=("tabcell_guest.$m=$f") ;; esac
done
python "$BUILD/tools/tables.py" frozen "${frozen[@]}" > frozen.c

include="-I$G -I$SRC/yyjson/src -I$PYSRC/Include -I$PYSRC/Include/internal -I$PYSRC/Include/internal/mimalloc -I$PYSRC/Modules -I$PYSRC/Modules/_hacl/include -I$PYBUILD -I$DEPS/include -I$BUILD/include"
objects=()
for f in inittab.c frozen.c "$G"/*.c; do # json_text.c includes yyjson
  o=$(basename "$f" .c).o
  $CC_WASI $LIB_FLAGS -flto -DNDEBUG -DPy_BUILD_CORE -Wall -Werror $include -c "$f" -o "$o"
  objects+=("$o")
done
for f in "$G"/*.cpp; do
  o=$(basename "$f" .cpp).o
  $CXX_WASI $LIB_FLAGS -fno-exceptions -Wall -Werror -isystem "/usr/lib/llvm-$LLVM/include/wasm32-wasi/c++/v1" -c "$f" -o "$o"
  objects+=("$o")
done

# ctypes, whose functions of libffi and of the dynamic linker are the guest's (guest/ffi.h, foreign.c)
cp -r "$PYSRC/Modules/_ctypes" ctypes
apply_patches ctypes ctypes
dynamic=-include\ dlfcn.h
for f in dlopen dlsym dlclose dlerror; do dynamic+=" -D$f=tabcell_$f"; done
for f in _ctypes callbacks callproc cfield stgdict; do
  $CC_WASI $LIB_FLAGS -flto -DNDEBUG -DPy_BUILD_CORE_MODULE -DHAVE_FFI_CLOSURE_ALLOC $dynamic $include -c "ctypes/$f.c" -o "ctypes/$f.o"
  objects+=("ctypes/$f.o")
done

# functions of the C library that the guest replaces (guest/fs_cwd.c, fs_errors.c and fmod.c)
wraps="-Wl,--wrap=fmod -Wl,--wrap=strerror -Wl,--wrap=chdir -Wl,--wrap=__wasilibc_find_relpath_alloc"
exports=$(grep -vxE 'memory|_initialize' "$BUILD/exports.txt" | sed 's/^/-Wl,--export=/') # the linker exports these two itself
$CC_WASI -O2 -mexec-model=reactor -Wl,-z,stack-size=8388608 -Wl,--stack-first -Wl,--gc-sections $wraps -Wl,--error-limit=0 $exports "${objects[@]}" \
  $(sed "s#.*#$WORK/objects/&.o#" modules.txt) "$WORK/openblas/lib/liblapack.a" "$WORK/openblas/lib/libopenblas.a" \
  "$PYBUILD/libpython3.13.a" "$PYBUILD"/Modules/{_decimal/libmpdec/libmpdec.a,_hacl/libHacl_Hash_SHA2.a,expat/libexpat.a} \
  -L"$DEPS/lib" -lz -lbz2 -llzma -lsqlite3 -L"/usr/lib/llvm-$LLVM/lib/wasm32-wasi" -lc++ -lc++abi \
  -lwasi-emulated-signal -lwasi-emulated-getpid -lwasi-emulated-process-clocks -lwasi-emulated-mman -ldl -lm -lc-printscan-long-double \
  -o "$WORK/guests/$GUEST.dbg.wasm" > link.log 2>&1 || { grep -E 'error|undefined' link.log | sort -u | head -60; exit 1; }
if grep 'signature mismatch' link.log; then exit 1; fi # a call with the wrong signature traps
llvm-strip-"$LLVM" "$WORK/guests/$GUEST.dbg.wasm" -o "$WORK/guests/$GUEST.wasm"
python "$BUILD/tools/interface.py" "$WORK/guests/$GUEST.wasm"
ls -l "$WORK/guests"
