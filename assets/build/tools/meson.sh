# meson.sh: sourced by the steps that build packages with meson. Writes the cross file and defines
# meson_build.
MESON=meson
cat > "$WORK/cross.ini" <<END
[binaries]
c = ['$VENV/bin/python', '-IS', '$BUILD/tools/mcc']
cpp = ['$VENV/bin/python', '-IS', '$BUILD/tools/mcc', '--c++']
ar = '$WASI_AR'
ranlib = '$WASI_RANLIB'
strip = 'llvm-strip-$LLVM'
pkg-config = '$BUILD/tools/pkg-config'
cython = '$VENV/bin/cython'
pybind11-config = '$VENV/bin/pybind11-config'
python = '$VENV/bin/python'
[properties]
needs_exe_wrapper = true
longdouble_format = 'IEEE_QUAD_LE'
[host_machine]
system = 'linux'
cpu_family = 'wasm32'
cpu = 'wasm32'
endian = 'little'
END

# meson_build NAME OPTION...: configures $SRC/NAME for the guest, builds it in $WORK/build/NAME and
# installs its Python files in $WORK/inst/NAME. tools/collect.py takes the extension modules from
# the build folder.
meson_build() {
  local name=$1 b=$WORK/build/$1
  shift
  rm -rf "$b" "$WORK/inst/$name"
  $MESON setup "$b" "$SRC/$name" --cross-file "$WORK/cross.ini" --buildtype release --prefix /usr "$@"
  ninja -C "$b" -j"$JOBS"
  $MESON install -C "$b" --no-rebuild --destdir "$WORK/inst/$name" --quiet
  # the installation's site-packages folder; its name depends on meson
  find "$WORK/inst/$name" -type d -name '*-packages' -prune -exec mv {} "$WORK/inst/$name/site" \;
  # some packages record the folders of the build in __config__.py
  find "$WORK/inst/$name/site" -name __config__.py -exec sed -i "s#$VENV/bin/##g; s#$BUILD/tools/##g; s#$BUILD#/tabcell/build#g; s#$WORK#/work#g" {} +
}
