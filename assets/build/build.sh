#!/bin/bash
# build.sh [GUEST]: makes a guest (default core) from nothing, on Debian 12 or later: $OUT/data/GUEST.wasm.zst, GUEST.res.zst, $OUT/MANIFEST.
# Runs the steps in order and prints the seconds each took; logs are in $WORK/log. A step is left out when $WORK holds its result for
# the same inputs (the files that its "# inputs:" line names, and those of all steps before it): after a change of the guest's C or
# Python files only the last steps run, which takes under a minute.
set -euo pipefail
. "$(dirname "$0")/env.sh"
GUEST=${1:-core}
export GUEST
[ -n "$(packages "$GUEST" 2)" ] || { echo "build.sh: packages.txt has no guest $GUEST" >&2; exit 2; }
mkdir -p "$WORK/log" "$WORK/stamps"

# digest STEP: of the step and of the files that it says it depends on
digest() {
  cd "$BUILD"
  { echo "env.sh steps/$1.sh"; sed -n 's/^# inputs: //p' "steps/$1.sh"; } | tr ' ' '\n' | while read -r f; do
    [ -z "$f" ] || find "$f" -type f ! -name '*.md' ! -path '*/__pycache__/*' ! -name 'test_*'
  done | LC_ALL=C sort -u | xargs sha256sum
}

began=$(date +%s)
key=
for step in 00-host 10-sources 15-python 18-packages 20-cpython 25-openblas 26-lapack $(packages "$GUEST" 3) 70-link 80-resources 90-manifest; do
  key=$(digest "$step" | { echo "$key"; cat; } | sha256sum | cut -d' ' -f1)
  stamp=$WORK/stamps/$step
  case $step in 70-link | 80-resources | 90-manifest) stamp=$stamp-$GUEST ;; esac
  if [ "$(cat "$stamp" 2>/dev/null)" = "$key" ] && [ "$step" != 90-manifest ]; then
    printf '%-14s unchanged\n' "$step"
    continue
  fi
  rm -f "$stamp"
  a=$(date +%s)
  bash "$BUILD/steps/$step.sh" > "$WORK/log/$step.log" 2>&1 || { echo "$step failed ($WORK/log/$step.log):"; tail -25 "$WORK/log/$step.log"; exit 1; }
  printf '%-14s %4d s\n' "$step" $(($(date +%s) - a))
  echo "$key" > "$stamp"
done
printf '%-14s %4d s\n' all $(($(date +%s) - began))
