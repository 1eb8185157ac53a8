# rust.sh: sourced by the steps that build packages written in Rust. The compiler is the one of the
# Rust project's own distribution, since Debian 12 has none that is new enough, with its standard
# library for wasm32-wasip1. Like all sources, it is pinned in versions.lock, and crates.lock pins the
# libraries (crates). Nothing is installed on the host.
RUST=$WORK/rust CRATES=$WORK/crates
export CARGO_HOME=$WORK/cargo

# crate_rows COLUMN: prints a column of crates.lock (1 name, 2 version, 3 sha256, 4 use).
crate_rows() { awk -v c="$1" '!/^#/ {print $c}' "$BUILD/crates.lock"; }
verify_crates() { (cd "$DL" && awk '!/^#/ {print $3 "  " $1 "-" $2 ".crate"}' "$BUILD/crates.lock" | sha256sum -c --quiet); }

# install_rust: unpacks the compiler in $RUST. Each archive has a folder for each of its components,
# with a list of the files, which are below it as they are to be installed.
install_rust() {
  local file
  for file in $(missing_downloads rust) $(missing_downloads rust-tool); do
    python -c 'import sys, urllib.request; urllib.request.urlretrieve(*sys.argv[1:])' "https://static.rust-lang.org/dist/$file" "$DL/$file"
  done
  verify_downloads rust
  verify_downloads rust-tool
  rm -rf "$RUST"
  mkdir -p "$RUST"
  for file in $(lock_rows rust 5) $(lock_rows rust-tool 5); do
    tar xf "$DL/$file" -C "$RUST" --strip-components=2 --exclude=manifest.in --exclude=share
  done
  "$RUST/bin/rustc" -V
}

# vendor_crates NAME: unpacks the crates in the lock file of $SRC/NAME in $CRATES, the form in which
# cargo uses them without a network. crates.lock has each of them with the digest in that file.
vendor_crates() {
  local name version sum dir
  verify_crates 2> /dev/null || fetch_crates "$1"
  verify_crates
  rm -rf "$CRATES"
  mkdir -p "$CRATES"
  while read -r name version sum _; do
    case $name in '' | '#'*) continue ;; esac
    dir=$CRATES/$name-$version
    tar xf "$DL/$name-$version.crate" -C "$CRATES"
    apply_patches "crate-$name" "$dir"
    printf '{"files":{},"package":"%s"}' "$sum" > "$dir/.cargo-checksum.json"
  done < "$BUILD/crates.lock"
}

# fetch_crates NAME: downloads the crates in the lock file of $SRC/NAME
fetch_crates() {
  "$RUST/bin/cargo" vendor --quiet --locked --manifest-path "$SRC/$1/Cargo.toml" "$WORK/vendor" > /dev/null
  cp "$CARGO_HOME"/registry/cache/*/*.crate "$DL"
  rm -rf "$WORK/vendor" "$CARGO_HOME"
}

# cargo_static NAME LIBRARY: builds $SRC/NAME as the static library $WORK/build/NAME/LIBRARY.a. The
# standard library for wasm ends the program at a panic, since there are no exceptions.
cargo_static() {
  local name=$1 library=$2 b=$WORK/build/$1
  rm -rf "$b"
  mkdir -p "$b"
  cat > "$b/pyo3.txt" <<END
implementation=CPython
version=3.13
shared=false
abi3=false
pointer_width=32
suppress_build_script_link_lines=true
END
  cat > "$b/cargo.toml" <<END
[source.crates-io]
replace-with = "vendored"
[source.vendored]
directory = "$CRATES"
[build]
rustc = "$RUST/bin/rustc"
rustflags = ["--remap-path-prefix=$WORK=/work", "-Ctarget-feature=+simd128,+bulk-memory,+nontrapping-fptoint"]
END
  PYO3_CONFIG_FILE=$b/pyo3.txt "$RUST/bin/cargo" --config "$b/cargo.toml" rustc --quiet --locked --offline --release --lib --crate-type staticlib \
    --manifest-path "$SRC/$name/Cargo.toml" --target wasm32-wasip1 --target-dir "$b/target" -j"$JOBS"
  mv "$b/target/wasm32-wasip1/release/lib$library.a" "$b/$library.a"
  rm -rf "$b/target"
}
