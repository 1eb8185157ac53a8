#!/bin/bash
# 15-python.sh: the Python that runs the build: the guest's version, built natively from the same
# source without patches. The bytecode and its marshalled form depend on the version, so the host's
# own Python is not used. Its virtual environment gets the pinned build tools.
# inputs: build-requirements.txt
set -euo pipefail
. "$(dirname "$0")/../env.sh"
rm -rf "$WORK/python" "$WORK/build/python" "$VENV"
mkdir -p "$WORK/build/python"
tar xf "$DL"/python3.13_*.orig.tar.xz -C "$WORK/build/python" --strip-components=1
cd "$WORK/build/python"
run_logged configure.log ./configure --prefix="$WORK/python" --disable-test-modules --without-static-libpython --with-ensurepip=install OPT="-O2 -DNDEBUG"
run_logged make.log make -j"$JOBS"
run_logged install.log make install COMPILEALL_OPTS="-j1 -x ." # no .pyc files: an import writes one
"$WORK/python/bin/python3" -m venv "$VENV"
"$VENV/bin/pip" install -q --require-hashes --only-binary :all: -r "$BUILD/build-requirements.txt"
cd "$WORK"
rm -rf "$WORK/build/python"
"$VENV/bin/python" -VV
