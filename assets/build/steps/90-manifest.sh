#!/bin/bash
# 90-manifest.sh: $GUEST compressed into $OUT/data, and $OUT/MANIFEST. One thread: the bytes depend on zstd's version alone.
# inputs: tools/manifest.py versions.lock packages.txt
set -euo pipefail
. "$(dirname "$0")/../env.sh"
mkdir -p "$OUT/data"
cd "$WORK/guests"

# packed RAW NAME: RAW compressed as $OUT/data/NAME; what is already there from the same bytes is kept
packed() {
  local sum
  sum=$(sha256sum < "$1")
  if [ "$(cat "$2.from" 2>/dev/null)" != "$sum" ] || [ ! -f "$2" ]; then
    zstd -19 --single-thread -q -f "$1" -o "$2"
    echo "$sum" > "$2.from"
  fi
  install -m 644 "$2" "$OUT/data/$2"
}
packed "$GUEST.wasm" "$GUEST.wasm.zst"
packed "$GUEST.tar" "$GUEST.res.zst"
python "$BUILD/tools/manifest.py" "$GUEST" > MANIFEST
cp MANIFEST "$OUT/MANIFEST"
ls -l "$OUT/data"
