#!/bin/bash
# 66-pillow.sh: Pillow, which matplotlib needs for images, cross-compiled with meson.
# inputs: versions.lock:pillow patches/pillow
set -euo pipefail
. "$(dirname "$0")/../env.sh"
. "$BUILD/tools/meson.sh"
unpack pillow
meson_build pillow -Dc_args="-I$DEPS/include"
