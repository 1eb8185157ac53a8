#!/bin/bash
# 65-pmdarima.sh: pmdarima, cross-compiled with meson.
# inputs: versions.lock:pmdarima patches/pmdarima
set -euo pipefail
. "$(dirname "$0")/../env.sh"
. "$BUILD/tools/meson.sh"
unpack pmdarima
meson_build pmdarima
