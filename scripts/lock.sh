#!/bin/sh
# Writes requirements/*.lock from pyproject.toml: exact versions with hashes, one version of each package for
# Python 3.11 to 3.13 on Linux and macOS. `scripts/lock.sh --upgrade` takes the newest; without it, what the locks
# say stands as far as it still fits.
#
#   run.lock    what `graphsms` needs, and what builds it
#   dev.lock    the same, with what tests and checks it
#   bench.lock  the same as dev.lock, with the peers that the benchmarks compare with
set -eu
cd "$(dirname "$0")/.."
uv=${UV:-.venv/bin/uv}

lock() {
    output=requirements/$1.lock
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
        --no-emit-index-url --custom-compile-command 'make lock' --output-file "$output" "$@"
}

lock run pyproject.toml --group build ${1+"$@"}
lock dev pyproject.toml --group dev --constraint requirements/run.lock ${1+"$@"}
lock bench pyproject.toml --group dev --group bench --extra fast-neo4j --constraint requirements/dev.lock ${1+"$@"}
