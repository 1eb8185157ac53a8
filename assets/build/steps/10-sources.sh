#!/bin/bash
# 10-sources.sh: the sources that the distribution has (tools/apt-newer.sh: its newer suites), checked against versions.lock and
# unpacked. wasi-libc is taken built: bookworm's of 2022 lacks what CPython 3.13 wants.
# inputs: versions.lock:apt-source versions.lock:apt-binary patches/cpython patches/openblas tools/apt-newer.sh
set -euo pipefail
. "$(dirname "$0")/../env.sh"
mkdir -p "$DL" "$SRC"
cd "$DL"
for p in $(absent apt-source); do "$BUILD/tools/apt-newer.sh" source -qq --download-only --tar-only "$p"; done
for p in $(absent apt-binary); do "$BUILD/tools/apt-newer.sh" download -qq "$p"; done
verified apt-source
verified apt-binary
for n in $(locked apt-source 1); do unpacked "$n"; done
rm -rf "$WORK/sysroot"
for f in $(locked apt-binary 5); do dpkg-deb -x "$f" "$WORK/sysroot"; done
