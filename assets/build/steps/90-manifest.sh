#!/bin/bash
# 90-manifest.sh: compresses $GUEST into $OUT/data and writes $OUT/MANIFEST. zstd runs with one
# thread, so that the bytes depend only on its version. The packages of extra are compressed each on
# its own, and extra.res.zst is the sequence of the results.
# inputs: tools/manifest.py versions.lock packages.txt
set -euo pipefail
. "$(dirname "$0")/../env.sh"
mkdir -p "$OUT/data"
cd "$WORK/guests"

# pack RAW NAME: compresses RAW as NAME, unless there is the result for the same bytes.
pack() {
  local sum
  sum=$(sha256sum < "$1")
  if [ "$(cat "$2.from" 2>/dev/null)" != "$sum" ] || [ ! -f "$2" ]; then
    zstd -19 --single-thread -q -f "$1" -o "$2"
    echo "$sum" > "$2.from"
  fi
}
if [ "$GUEST" = extra ]; then
  mkdir -p extra.packed
  parts=()
  for raw in extra/*.tar; do
    pack "$raw" "extra.packed/$(basename "$raw")"
    parts+=("extra.packed/$(basename "$raw")")
  done
  cat "${parts[@]}" > extra.res.zst
else
  pack "$GUEST.wasm" "$GUEST.wasm.zst"
  pack "$GUEST.tar" "$GUEST.res.zst"
  install -m 644 "$GUEST.wasm.zst" "$OUT/data"
fi
install -m 644 "$GUEST.res.zst" "$OUT/data"
python "$BUILD/tools/manifest.py" "$GUEST" > MANIFEST
cp MANIFEST "$OUT/MANIFEST"
ls -l "$OUT/data"
