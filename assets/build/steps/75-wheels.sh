#!/bin/bash
# 75-wheels.sh: the packages without compiled parts, as wheels from the package index, checked
# against versions.lock.
# inputs: versions.lock:pip-wheel
set -euo pipefail
. "$(dirname "$0")/../env.sh"
cd "$DL"
for p in $(missing_downloads pip-wheel); do pip download -q --no-deps --only-binary :all: "$p"; done
verify_downloads pip-wheel
