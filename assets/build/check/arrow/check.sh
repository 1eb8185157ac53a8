#!/bin/bash
# check.sh: compiles the reader and the writer of tables natively, compares them with pyarrow, and
# fuzzes the reader for some seconds (600 by default).
# Usage: check.sh PYTHON [SECONDS]; PYTHON is a native CPython of the guest's version with numpy,
# pandas and pyarrow. Needs clang-19 and its sanitizers (libclang-rt-19-dev). OUT names the folder
# for the results.
set -euo pipefail
cd "$(dirname "$0")"
PYTHON=$1 SECONDS_EACH=$((${2:-600} / 2)) GUEST=$PWD/../../../guest OUT=${OUT:-$(mktemp -d)}
read -r include lib version < <("$PYTHON" -c 'import sysconfig as s; print(s.get_path("include"), s.get_config_var("LIBDIR"), s.get_config_var("LDVERSION"))')
site=$("$PYTHON" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
sources=("$GUEST"/arrow_*.c "$GUEST/flatbuffer.c")
flags=(-g -Wall -Wextra -Werror -Wno-unused-parameter -Wno-missing-field-initializers "-I$include" "-I$GUEST")
mkdir -p "$OUT"/{module,core,full}

printf '#include <Python.h>\nPyObject *tabcell_arrow_module(void);\nPyMODINIT_FUNC PyInit__arrow(void) { return tabcell_arrow_module(); }\n' > "$OUT/module.c"
clang-19 -shared -fPIC -O1 "${flags[@]}" "${sources[@]}" "$OUT/module.c" -o "$OUT/module/_arrow.so"
PYTHONPATH=$GUEST:$OUT/module "$PYTHON" compare.py

clang-19 -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined "${flags[@]}" fuzz.c "${sources[@]}" \
  "-L$lib" "-lpython$version" "-Wl,-rpath,$lib" -o "$OUT/fuzz"
for mode in core full; do
  "$PYTHON" seeds.py "$OUT/$mode"
  # the interpreter does not free everything at its end; rows of nulls need no bytes in a stream, and
  # more of them than fit into the memory are a MemoryError, as in a cell
  ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:max_allocation_size_mb=1000 ARROW_FUZZ=$mode PYTHONPATH=$GUEST:$site "$OUT/fuzz" "$OUT/$mode" \
    -max_len=16384 -rss_limit_mb=3000 -malloc_limit_mb=1000000 -timeout=60 -max_total_time="$SECONDS_EACH" -artifact_prefix="$OUT/$mode-" -print_final_stats=1
done
