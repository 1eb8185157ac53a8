#!/bin/bash
# 69-pydantic-core.sh: pydantic-core, which is written in Rust, as one object like the modules in C.
# It has Rust's standard library, but no C library: the final link adds the guest's own.
# inputs: versions.lock:pydantic-core versions.lock:rust versions.lock:rust-tool crates.lock patches/pydantic-core tools/rust.sh tools/sdist_backend tools/source_backend
set -euo pipefail
. "$(dirname "$0")/../env.sh"
. "$BUILD/tools/rust.sh"
B=$WORK/build/pydantic-core SITE=$WORK/inst/pydantic-core/site
cd "$DL"
for p in $(missing_downloads cargo-sdist); do
  PYTHONPATH=$BUILD/tools/source_backend:$BUILD/tools/sdist_backend pip download -q --no-deps --no-binary :all: --no-build-isolation "$p"
done
verify_downloads cargo-sdist
unpack pydantic-core
install_rust
vendor_crates pydantic-core
cargo_static pydantic-core _pydantic_core
cd "$B"
llvm-ar-"$LLVM" x _pydantic_core.a "$(llvm-ar-"$LLVM" t _pydantic_core.a | grep '^_pydantic_core-')"
"wasm-ld-$LLVM" -r -o _pydantic_core.so _pydantic_core-*.o _pydantic_core.a
rm _pydantic_core-*.o _pydantic_core.a
echo "{\"$B/_pydantic_core.so\": \"site-packages/pydantic_core/_pydantic_core.so\"}" > "$B/installed.json"
rm -rf "$WORK/inst/pydantic-core"
mkdir -p "$SITE"
cp -r "$SRC/pydantic-core/python/pydantic_core" "$SITE"
ls -l "$B"
