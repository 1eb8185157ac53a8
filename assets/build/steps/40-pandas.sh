#!/bin/bash
# 40-pandas.sh: pandas, cross-configured with meson.
# inputs:
set -euo pipefail
. "$(dirname "$0")/../env.sh"
. "$BUILD/tools/meson.sh"
built pandas
