#!/bin/bash
# build.sh [GUEST...]: makes guests (default: all of packages.txt) from nothing, on Debian 12 or later: $OUT/data/GUEST.wasm.zst,
# GUEST.res.zst, $OUT/MANIFEST.
# Runs the steps in order and prints the seconds each took; logs are in $WORK/log. A step is left out when $WORK holds its result for
# the same inputs (what its "# inputs:" line names, and the inputs of all steps before it): after a change of the guest's C or Python
# files only the last steps run, which takes about a minute. An input is a file, a folder, or versions.lock:WORD, which is the rows of
# that name or way of fetching.
set -euo pipefail
. "$(dirname "$0")/env.sh"
mkdir -p "$WORK/log" "$WORK/stamps"

# digest STEP: of the step and of the inputs that it names
digest() {
  cd "$BUILD"
  for input in env.sh "steps/$1.sh" $(sed -n 's/^# inputs: //p' "steps/$1.sh"); do
    case $input in
    versions.lock:*) awk -v w="${input#*:}" '!/^#/ && ($1 == w || $3 == w)' versions.lock ;;
    *) find "$input" -type f ! -name '*.md' ! -path '*/__pycache__/*' ! -name 'test_*' | LC_ALL=C sort | xargs sha256sum ;;
    esac
  done
}

# made GUEST: runs the steps whose results are missing
made() {
  export GUEST=$1
  local key='' step stamp a
  for step in 00-host 10-sources 15-python 18-packages 20-cpython 25-openblas 26-lapack $(packages "$GUEST" 3) 70-link 75-wheels 80-resources 90-manifest; do
    key=$(digest "$step" | { echo "$key"; cat; } | sha256sum | cut -d' ' -f1)
    stamp=$WORK/stamps/$step
    case $step in [789]*) stamp=$stamp-$GUEST ;; esac
    if [ "$(cat "$stamp" 2>/dev/null)" = "$key" ] && [ "$step" != 90-manifest ]; then
      printf '%-16s unchanged\n' "$step"
      continue
    fi
    rm -f "$stamp"
    a=$(date +%s)
    bash "$BUILD/steps/$step.sh" > "$WORK/log/$step.log" 2>&1 || { echo "$step failed ($WORK/log/$step.log):"; tail -25 "$WORK/log/$step.log"; exit 1; }
    printf '%-16s %4d s\n' "$step" $(($(date +%s) - a))
    echo "$key" > "$stamp"
  done
}

began=$(date +%s)
# shellcheck disable=SC2046 # one word a guest
[ $# -gt 0 ] || set -- $(awk '!/^#/ {print $1}' "$BUILD/packages.txt" | uniq)
for guest; do
  [ -n "$(own "$guest" 2)" ] || { echo "build.sh: packages.txt has no guest $guest" >&2; exit 2; }
  echo "== $guest"
  made "$guest"
done
printf '%-16s %4d s\n' all $(($(date +%s) - began))
