#!/bin/sh
# record.sh [PYTHON]: writes recorded.json, the values of cases.py in a native Python 3.13 on 64-bit
# Linux with OpenSSL 3, SQLite, numpy and pandas.
cd "$(dirname "$0")" || exit
"${1:-python3}" -B -W ignore -c 'import cases, json; print(json.dumps(cases.results(), indent=1, ensure_ascii=False))' > recorded.json.new &&
  mv recorded.json.new recorded.json
