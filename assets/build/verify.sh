#!/bin/bash
# verify.sh: builds all guests twice from nothing, in folders of different names and depths and from
# two copies of the recipe, and compares the results with each other and with the committed files.
# Takes as long as two builds. VERIFY names the folder to use (default: a temporary one).
set -euo pipefail
assets=$(cd "$(dirname "$0")/.." && pwd)
base=${VERIFY:-$(mktemp -d)}
mkdir -p "$base"
for place in one another/deeper/place; do
  here=$base/$place
  rm -rf "$here"
  mkdir -p "$here/assets" "$here/work/dl"
  cp -r "$assets/build" "$assets/guest" "$here/assets/"
  # The second build checks the digests of the downloads again.
  [ "$place" = one ] || cp "$base"/one/work/dl/* "$here/work/dl/"
  echo "== $here"
  WORK=$here/work OUT=$here/out bash "$here/assets/build/build.sh"
done
status=0
for file in $(cd "$base/one/out" && echo data/*.zst) MANIFEST; do
  for built in "$base/another/deeper/place/out/$file" "$assets/$file"; do
    if cmp "$base/one/out/$file" "$built"; then echo "equal: $file $built"; else status=1; fi
  done
done
exit $status
