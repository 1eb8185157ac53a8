#!/bin/bash
# 40-pandas.sh: pandas, cross-configured with meson.
# inputs: versions.lock:pandas patches/pandas
set -euo pipefail
. "$(dirname "$0")/../env.sh"
. "$BUILD/tools/meson.sh"
unpacked pandas
built pandas
