#!/bin/bash
# 80-resources.sh: the library of $GUEST in $WORK/guests/GUEST.tar, compiled by the pinned Python.
# For core it holds the standard library, the packages, and the modules of guest/lib, which replace
# others of the same name. For full it holds only the packages that core does not have. For extra it
# is a folder, $WORK/guests/extra, with an archive for each package.
# inputs: packages.txt versions.lock:pip-wheel patches ../guest tools/resources.py tools/metadata.py
set -euo pipefail
. "$(dirname "$0")/../env.sh"
R=$WORK/build/resources-$GUEST
rm -rf "$R"
mkdir -p "$R"
roots=()
for name in $(guest_rows "$GUEST" 2); do
  wheel=$(awk -v n="$name" '!/^#/ && $1 == n && $3 == "pip-wheel" {print $5}' "$BUILD/versions.lock")
  if [ -n "$wheel" ]; then
    python -m zipfile -e "$DL/$wheel" "$R/$name"
    apply_patches "$name" "$R/$name"
  else
    mkdir "$R/$name"
    cp -r "$WORK/inst/$name/site/." "$R/$name"
  fi
  python "$BUILD/tools/metadata.py" "$SRC/$name" "$R/$name"
  roots+=("$R/$name")
done
out=$WORK/guests/$GUEST.tar
case $GUEST in
core) roots=("$PYSRC/Lib" "${roots[@]}" "$ASSETS/guest/lib") ;;
extra)
  out=$WORK/guests/extra
  rm -rf "$out"
  ;;
esac
mkdir -p "$WORK/guests"
python -W ignore "$BUILD/tools/resources.py" "$out" "${roots[@]}"
