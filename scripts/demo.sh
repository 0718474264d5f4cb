#!/bin/sh
# The main job on the repository's own demo: `make demo` calls it.
# Each command is printed as a person would type it, then run.
set -eu

PATH="$(cd "$BIN" && pwd):$PATH"
export PATH

show() {
    printf '\n$ %s\n' "$1"
    eval "$1"
}

show 'paribus baseline --measure --jobs 2'
show 'paribus run -S train.C=1.0 -m "less fitting to wrong labels" --jobs 2'
show 'paribus run -S train.components=800 -m "a closer approximation of the kernel" --jobs 2'
show 'paribus log'
