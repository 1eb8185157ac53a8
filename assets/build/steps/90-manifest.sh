#!/bin/bash
# 90-manifest.sh: compresses $GUEST into $OUT/data and writes $OUT/MANIFEST. zstd runs with one
# thread, so that the bytes depend only on its version.
# inputs: tools/manifest.py versions.lock packages.txt
set -euo pipefail
. "$(dirname "$0")/../env.sh"
mkdir -p "$OUT/data"
cd "$WORK/guests"

# pack RAW NAME: compresses RAW as $OUT/data/NAME, unless $WORK holds the result for the same bytes.
pack() {
  local sum
  sum=$(sha256sum < "$1")
  if [ "$(cat "$2.from" 2>/dev/null)" != "$sum" ] || [ ! -f "$2" ]; then
    zstd -19 --single-thread -q -f "$1" -o "$2"
    echo "$sum" > "$2.from"
  fi
  install -m 644 "$2" "$OUT/data/$2"
}
pack "$GUEST.wasm" "$GUEST.wasm.zst"
pack "$GUEST.tar" "$GUEST.res.zst"
python "$BUILD/tools/manifest.py" "$GUEST" > MANIFEST
cp MANIFEST "$OUT/MANIFEST"
ls -l "$OUT/data"
