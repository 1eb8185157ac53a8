#!/bin/bash
# 64-lxml.sh: lxml, cross-compiled with meson from the C files in its source distribution, and the
# libraries that it needs.
# inputs: versions.lock:lxml versions.lock:libxml2 versions.lock:libxslt patches/lxml patches/libxml2 tools/xml.sh
set -euo pipefail
. "$(dirname "$0")/../env.sh"
. "$BUILD/tools/meson.sh"
. "$BUILD/tools/xml.sh"
unpack libxml2
unpack libxslt
unpack lxml
build_xml
meson_build lxml -Dxml="$XML"
