#!/bin/bash
# 18-packages.sh: the sources of Python packages from the package index, checked against versions.lock; each step unpacks its own.
# pip prepares an sdist's metadata before it keeps the file, which would configure the whole project: a stand-in build backend answers.
# inputs: versions.lock:pip-sdist tools/sdist_backend
set -euo pipefail
. "$(dirname "$0")/../env.sh"
cd "$DL"
for p in $(absent pip-sdist); do
  PYTHONPATH=$BUILD/tools/sdist_backend pip download -q --no-deps --no-binary :all: --no-build-isolation "$p"
done
verified pip-sdist
