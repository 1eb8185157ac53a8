#!/bin/bash
# 55-regex.sh: regex, which nltk needs, cross-compiled with meson.
# inputs: versions.lock:regex patches/regex
set -euo pipefail
. "$(dirname "$0")/../env.sh"
. "$BUILD/tools/meson.sh"
unpack regex
meson_build regex
