#!/bin/bash
# 40-pandas.sh: pandas, cross-compiled with meson.
# inputs: versions.lock:pandas patches/pandas
set -euo pipefail
. "$(dirname "$0")/../env.sh"
. "$BUILD/tools/meson.sh"
unpack pandas
meson_build pandas
