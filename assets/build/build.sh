#!/bin/bash
# build.sh [GUEST...]: builds guests (default: all of packages.txt) from sources on Debian 12 or
# later: $OUT/data/GUEST.wasm.zst, $OUT/data/GUEST.res.zst and $OUT/MANIFEST. The guest "extra" is
# only an archive of packages, $OUT/data/extra.res.zst. See ../README.md.
#
# Runs the steps in order and prints the seconds that each took; the logs are in $WORK/log. A step
# is skipped if $WORK holds its result for the same inputs: its script, env.sh, the entries of its
# "# inputs:" line, and the inputs of all steps before it. An input is a file, a folder, or
# versions.lock:WORD, which stands for the rows with that name or way of fetching. After a change of
# the guest's own C or Python files only the last steps run, which takes about a minute.
set -euo pipefail
. "$(dirname "$0")/env.sh"
mkdir -p "$WORK/log" "$WORK/stamps"

# input_digests STEP: prints the digests of the step and of the inputs that it names
input_digests() {
  cd "$BUILD"
  for input in env.sh "steps/$1.sh" $(sed -n 's/^# inputs: //p' "steps/$1.sh"); do
    case $input in
    versions.lock:*) awk -v w="${input#*:}" '!/^#/ && ($1 == w || $3 == w)' versions.lock ;;
    *) find "$input" -type f ! -name '*.md' ! -path '*/__pycache__/*' ! -name 'test_*' | LC_ALL=C sort | xargs sha256sum ;;
    esac
  done
}

# guest_steps: prints the steps that build $GUEST
guest_steps() {
  echo 00-host 10-sources 15-python
  [ "$GUEST" = extra ] || echo 18-packages 20-cpython 25-openblas 26-lapack $(guest_packages "$GUEST" 3) 70-link
  echo 75-wheels 80-resources 90-manifest
}

# build_guest GUEST: runs the steps whose results are missing
build_guest() {
  export GUEST=$1
  local key='' step stamp begin
  for step in $(guest_steps); do
    key=$(input_digests "$step" | { echo "$key"; cat; } | sha256sum | cut -d' ' -f1)
    stamp=$WORK/stamps/$step
    case $step in [789]*) stamp=$stamp-$GUEST ;; esac
    if [ "$(cat "$stamp" 2>/dev/null)" = "$key" ] && [ "$step" != 90-manifest ]; then
      printf '%-16s unchanged\n' "$step"
      continue
    fi
    rm -f "$stamp"
    begin=$(date +%s)
    bash "$BUILD/steps/$step.sh" > "$WORK/log/$step.log" 2>&1 || { echo "$step failed ($WORK/log/$step.log):"; tail -25 "$WORK/log/$step.log"; exit 1; }
    printf '%-16s %4d s\n' "$step" $(($(date +%s) - begin))
    echo "$key" > "$stamp"
  done
}

begin=$(date +%s)
# shellcheck disable=SC2046 # one word for each guest
[ $# -gt 0 ] || set -- $(awk '!/^#/ {print $1}' "$BUILD/packages.txt" | uniq)
for guest; do
  [ -n "$(guest_rows "$guest" 2)" ] || { echo "build.sh: packages.txt has no guest $guest" >&2; exit 2; }
  echo "== $guest"
  build_guest "$guest"
done
printf '%-16s %4d s\n' all $(($(date +%s) - begin))
