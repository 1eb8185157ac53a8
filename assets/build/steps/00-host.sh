#!/bin/bash
# 00-host.sh: the host's packages. Debian's clang, lld, libc++ for wasm32 and compiler runtime build
# the guest; f2c translates LAPACK; gcc builds the native Python that runs the build (pip needs
# openssl, zlib and libffi). If one is missing, root installs them.
# inputs:
set -euo pipefail
. "$(dirname "$0")/../env.sh"
PACKAGES="clang-$LLVM lld-$LLVM llvm-$LLVM libclang-rt-$LLVM-dev-wasm32 libc++-$LLVM-dev-wasm32 libc++abi-$LLVM-dev-wasm32 f2c
  gcc libc6-dev make patch pkg-config libssl-dev libffi-dev zlib1g-dev dpkg-dev xz-utils zstd ca-certificates"
missing=$(for p in $PACKAGES; do dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || echo "$p"; done)
[ -n "$missing" ] || exit 0
apt-get update -qq
# shellcheck disable=SC2086 # one word for each package
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
