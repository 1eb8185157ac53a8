#!/bin/bash
# 15-python.sh: the Python that runs the build: the guest's version, from the same source (unpatched), natively. Bytecode and its
# serialised form depend on it, so the host's own Python has no part in them. Its environment gets the pinned build tools.
# inputs: build-requirements.txt
set -euo pipefail
. "$(dirname "$0")/../env.sh"
rm -rf "$WORK/python" "$WORK/build/python" "$VENV"
mkdir -p "$WORK/build/python"
tar xf "$DL"/python3.13_*.orig.tar.xz -C "$WORK/build/python" --strip-components=1
cd "$WORK/build/python"
logged configure.log ./configure --prefix="$WORK/python" --disable-test-modules --without-static-libpython --with-ensurepip=install OPT="-O2 -DNDEBUG"
logged make.log make -j"$JOBS"
logged install.log make install COMPILEALL_OPTS="-j1 -x ." # no .pyc files: what is imported gets one
"$WORK/python/bin/python3" -m venv "$VENV"
"$VENV/bin/pip" install -q --require-hashes --only-binary :all: -r "$BUILD/build-requirements.txt"
cd "$WORK"
rm -rf "$WORK/build/python"
"$VENV/bin/python" -VV
