#!/bin/bash
# 80-resources.sh: the library of $GUEST in $WORK/guests/GUEST.tar: the standard library, the packages, and over them the stand-ins of
# guest/lib. Compiled by the pinned Python.
# inputs: packages.txt versions.lock ../guest tools/resources.py
set -euo pipefail
. "$(dirname "$0")/../env.sh"
R=$WORK/build/resources-$GUEST
rm -rf "$R"
mkdir -p "$R"
for p in $(packages "$GUEST" 2); do
  wheel=$(awk -v n="$p" '!/^#/ && $1 == n && $3 == "pip-wheel" {print $5}' "$BUILD/versions.lock")
  if [ -n "$wheel" ]; then
    python -m zipfile -e "$DL/$wheel" "$R"
  else
    cp -r "$WORK/inst/$p/$p" "$R/"
    # meson writes the folders of the build into some packages' description of themselves
    [ ! -f "$R/$p/__config__.py" ] || sed -i "s#$VENV/bin/##g; s#$BUILD/tools/##g; s#$BUILD#/tabcell/build#g; s#$WORK#/work#g" "$R/$p/__config__.py"
  fi
done
python -W ignore "$BUILD/tools/resources.py" "$WORK/guests/$GUEST.tar" "$PYSRC/Lib" "$R" "$ASSETS/guest/lib"
