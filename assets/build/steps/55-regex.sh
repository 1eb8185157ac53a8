#!/bin/bash
# 55-regex.sh: regex, which nltk needs.
# inputs: versions.lock:regex patches/regex
set -euo pipefail
. "$(dirname "$0")/../env.sh"
. "$BUILD/tools/meson.sh"
unpacked regex
built regex
