#!/bin/bash
# 18-packages.sh: the sources of Python packages from the package index, checked against
# versions.lock; each package's own step unpacks them. Before pip keeps an sdist it prepares its
# metadata, which would configure the whole project: tools/sdist_backend replaces the build backend,
# and tools/source_backend that of scikit-build.
# inputs: versions.lock:pip-sdist tools/sdist_backend tools/source_backend
set -euo pipefail
. "$(dirname "$0")/../env.sh"
cd "$DL"
for p in $(missing_downloads pip-sdist); do
  PYTHONPATH=$BUILD/tools/sdist_backend:$BUILD/tools/source_backend pip download -q --no-deps --no-binary :all: --no-build-isolation "$p"
done
verify_downloads pip-sdist
