#!/bin/bash
# 18-packages.sh: Python packages from the package index, checked against versions.lock; sdists are unpacked and patched.
# pip prepares an sdist's metadata before it keeps the file, which would configure the whole project: a stand-in build backend answers.
# inputs: versions.lock patches tools/sdist_backend
set -euo pipefail
. "$(dirname "$0")/../env.sh"
cd "$DL"
for p in $(absent pip-sdist); do
  PYTHONPATH=$BUILD/tools/sdist_backend pip download -q --no-deps --no-binary :all: --no-build-isolation "$p"
done
for p in $(absent pip-wheel); do pip download -q --no-deps --only-binary :all: "$p"; done
verified pip-sdist
verified pip-wheel
for n in $(locked pip-sdist 1); do unpacked "$n"; done
