#!/bin/bash
# apt-newer.sh ARGUMENT...: apt-get with the newer suites of the host's own Debian mirror. Its lists
# and caches are in $WORK/apt; the host's configuration does not change.
set -euo pipefail
. "$(dirname "$0")/../env.sh"
A=$WORK/apt
mkdir -p "$A/lists/partial" "$A/cache/archives/partial"
mirror=$(find /etc/apt \( -name '*.sources' -o -name sources.list -o -name '*.list' \) -exec grep -hE '^(URIs:|deb )' {} + |
  grep -oE 'https?://[^ ]+/debian/?( |$)' | sed -n '1s/ *$//p') || true
[ -n "$mirror" ] || { echo "apt-newer.sh: no Debian mirror in /etc/apt" >&2; exit 1; }
for suite in trixie forky sid; do
  echo "deb $mirror $suite main"
  echo "deb-src $mirror $suite main"
done > "$A/sources.list"
cat > "$A/apt.conf" <<END
Dir::Etc::sourcelist "$A/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$A/lists";
Dir::Cache "$A/cache";
Acquire::Languages "none";
APT::Sandbox::User "root";
END
export APT_CONFIG=$A/apt.conf
[ -f "$A/updated" ] || { apt-get update -qq && touch "$A/updated"; }
exec apt-get "$@"
