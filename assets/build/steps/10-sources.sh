#!/bin/bash
# 10-sources.sh: the sources that Debian has, in part only in its newer suites (tools/apt-newer.sh),
# checked against versions.lock and unpacked. wasi-libc is a binary package of a newer suite too:
# bookworm's version, of 2022, lacks functions that CPython 3.13 needs.
# inputs: versions.lock:apt-source versions.lock:apt-binary patches/cpython patches/openblas tools/apt-newer.sh
set -euo pipefail
. "$(dirname "$0")/../env.sh"
mkdir -p "$DL" "$SRC"
cd "$DL"
for p in $(missing_downloads apt-source); do "$BUILD/tools/apt-newer.sh" source -qq --download-only --tar-only "$p"; done
for p in $(missing_downloads apt-binary); do "$BUILD/tools/apt-newer.sh" download -qq "$p"; done
verify_downloads apt-source
verify_downloads apt-binary
for n in $(lock_rows apt-source 1); do unpack "$n"; done
rm -rf "$WORK/sysroot"
for f in $(lock_rows apt-binary 5); do dpkg-deb -x "$f" "$WORK/sysroot"; done
