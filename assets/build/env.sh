# env.sh: settings and functions shared by build.sh and every step. WORK, OUT, JOBS and LLVM may be
# set in the environment; no other variable of the caller has an effect.
BUILD=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ASSETS=$(dirname "$BUILD")
export BUILD ASSETS
export WORK=${WORK:-$(dirname "$ASSETS")/work/guest} # downloads, sources, objects
export OUT=${OUT:-$ASSETS}                           # receives data/*.zst and MANIFEST
export JOBS=${JOBS:-$(nproc)}
export LLVM=${LLVM:-19}

# CPython: the fastest of the flags tried; neither SIMD nor -O3 gains anything there.
export BASE_FLAGS="-O2 -mbulk-memory -mnontrapping-fptoint"
export LIB_FLAGS="$BASE_FLAGS -msimd128" # all code that works on arrays
export DL=$WORK/dl SRC=$WORK/src SYSROOT=$WORK/sysroot/usr DEPS=$WORK/deps
export PYSRC=$SRC/cpython PYBUILD=$WORK/build/cpython
export VENV=$WORK/venv
export PATH=$VENV/bin:$PATH
export CC_WASI=$BUILD/tools/wasi-cc CXX_WASI=$BUILD/tools/wasi-c++ WASI_AR=llvm-ar-$LLVM WASI_RANLIB=llvm-ranlib-$LLVM

# The output must have the same bytes for any folder, date and hash seed.
export PREFIX_MAP="-ffile-prefix-map=$ASSETS=/tabcell -ffile-prefix-map=$WORK=/work"
export SOURCE_DATE_EPOCH=1767225600 PYTHONHASHSEED=0 LC_ALL=C.UTF-8 TZ=UTC
unset CFLAGS CXXFLAGS CPPFLAGS LDFLAGS PYTHONPATH PYTHONHOME CONFIG_SITE PKG_CONFIG_PATH
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
mkdir -p "$WORK" "$OUT"

# guest_rows GUEST COLUMN: prints a column of packages.txt (2 package, 3 step, 4 preload) for the
# rows of one guest, without the entries that are "-".
guest_rows() { awk -v g="$1" -v c="$2" '!/^#/ && $1 == g && $c != "-" {print $c}' "$BUILD/packages.txt"; }
# guest_packages GUEST COLUMN: the same, preceded by the rows of core, which every guest includes.
guest_packages() { guest_rows core "$2"; [ "$1" = core ] || guest_rows "$1" "$2"; }
# lock_rows HOW COLUMN: prints a column of versions.lock (1 name, 2 version, 4 package, 5 file,
# 6 sha256) for one way of fetching.
lock_rows() { awk -v h="$1" -v c="$2" '!/^#/ && $3 == h {print $c}' "$BUILD/versions.lock"; }
# missing_downloads HOW: prints the packages whose files are not in $DL with the locked digest.
missing_downloads() {
  awk -v h="$1" '!/^#/ && $3 == h {print $4, $5, $6}' "$BUILD/versions.lock" | while read -r package file sum; do
    echo "$sum  $DL/$file" | sha256sum -c --status 2>/dev/null || echo "$package"
  done
}
# verify_downloads HOW: fails unless each file of one way of fetching is in $DL with the locked
# digest.
verify_downloads() { (cd "$DL" && awk -v h="$1" '!/^#/ && $3 == h {print $6 "  " $5}' "$BUILD/versions.lock" | sha256sum -c --quiet); }
# apply_patches NAME FOLDER: applies the patches in patches/NAME to the files in FOLDER.
apply_patches() { local p; for p in "$BUILD/patches/$1"/*.patch; do if [ -f "$p" ]; then patch -d "$2" -p1 -F0 -s < "$p" || return 1; fi; done; }
# unpack NAME: replaces $SRC/NAME with the contents of its archive, patched.
unpack() {
  local file
  file=$(awk -v n="$1" '!/^#/ && $1 == n {print $5}' "$BUILD/versions.lock")
  rm -rf "${SRC:?}/$1" && mkdir -p "$SRC/$1" && tar xf "$DL/$file" -C "$SRC/$1" --strip-components=1
  apply_patches "$1" "$SRC/$1"
}
# run_logged FILE COMMAND...: runs the command with its output in FILE, and prints the end of FILE
# if the command fails.
run_logged() { local f=$1; shift; mkdir -p "$(dirname "$f")"; "$@" > "$f" 2>&1 || { tail -25 "$f"; return 1; }; }
