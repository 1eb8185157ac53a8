# env.sh: sourced by the driver and every step. WORK, OUT, JOBS and LLVM may come from the environment; nothing else does.
BUILD=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ASSETS=$(dirname "$BUILD")
export BUILD ASSETS
export WORK=${WORK:-$(dirname "$ASSETS")/work/guest} # downloads, sources, objects
export OUT=${OUT:-$ASSETS}                           # data/*.zst and MANIFEST go here
export JOBS=${JOBS:-$(nproc)}
export LLVM=${LLVM:-19}

export BASE_FLAGS="-O2 -mbulk-memory -mnontrapping-fptoint" # CPython: the best of those tried; SIMD and -O3 gain nothing there
export LIB_FLAGS="$BASE_FLAGS -msimd128"                    # everything that works on arrays
export DL=$WORK/dl SRC=$WORK/src SYSROOT=$WORK/sysroot/usr DEPS=$WORK/deps
export PYSRC=$SRC/cpython PYBUILD=$WORK/build/cpython
export VENV=$WORK/venv
export PATH=$VENV/bin:$PATH
export CC_WASI=$BUILD/tools/wasi-cc CXX_WASI=$BUILD/tools/wasi-c++ WASI_AR=llvm-ar-$LLVM WASI_RANLIB=llvm-ranlib-$LLVM

# The same bytes whatever the folder, the day and the hash seed.
export PREFIX_MAP="-ffile-prefix-map=$ASSETS=/tabcell -ffile-prefix-map=$WORK=/work"
export SOURCE_DATE_EPOCH=1767225600 PYTHONHASHSEED=0 LC_ALL=C.UTF-8 TZ=UTC
unset CFLAGS CXXFLAGS CPPFLAGS LDFLAGS PYTHONPATH PYTHONHOME CONFIG_SITE PKG_CONFIG_PATH
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
mkdir -p "$WORK" "$OUT"

# own GUEST COLUMN: a column of packages.txt (2 package, 3 step, 4 preload) in the rows of one guest, entries of "-" left out
own() { awk -v g="$1" -v c="$2" '!/^#/ && $1 == g && $c != "-" {print $c}' "$BUILD/packages.txt"; }
# packages GUEST COLUMN: the same with the rows of core, which every guest has
packages() { own core "$2"; [ "$1" = core ] || own "$1" "$2"; }
# locked HOW COLUMN: a column of versions.lock (1 name, 2 version, 4 package, 5 file, 6 sha256) for one way of fetching
locked() { awk -v h="$1" -v c="$2" '!/^#/ && $3 == h {print $c}' "$BUILD/versions.lock"; }
# absent HOW: the packages whose files are not in $DL with the digest of versions.lock
absent() {
  awk -v h="$1" '!/^#/ && $3 == h {print $4, $5, $6}' "$BUILD/versions.lock" | while read -r package file sum; do
    echo "$sum  $DL/$file" | sha256sum -c --status 2>/dev/null || echo "$package"
  done
}
# verified HOW: fails unless each file of one way of fetching is there and is the one that was locked
verified() { (cd "$DL" && awk -v h="$1" '!/^#/ && $3 == h {print $6 "  " $5}' "$BUILD/versions.lock" | sha256sum -c --quiet); }
# patched NAME FOLDER: our patches for a package, applied to its files
patched() { for p in "$BUILD/patches/$1"/*.patch; do if [ -f "$p" ]; then patch -d "$2" -p1 -F0 -s < "$p" || return 1; fi; done; }
# unpacked NAME: $SRC/NAME afresh from its archive, patched
unpacked() {
  local file
  file=$(awk -v n="$1" '!/^#/ && $1 == n {print $5}' "$BUILD/versions.lock")
  rm -rf "${SRC:?}/$1" && mkdir -p "$SRC/$1" && tar xf "$DL/$file" -C "$SRC/$1" --strip-components=1
  patched "$1" "$SRC/$1"
}
# logged FILE COMMAND...: its output in the file, the end of it shown when it fails
logged() { local f=$1; shift; mkdir -p "$(dirname "$f")"; "$@" > "$f" 2>&1 || { tail -25 "$f"; return 1; }; }
