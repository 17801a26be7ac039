#!/usr/bin/env bash
# Writes fixtures/example/{dev,staging,prod,monitoring}.yaml: what
# `kubectl kustomize` prints for the example repository. The files are the
# expected output of our own build, so they come from kubectl and nothing else.
#
# usage: scripts/update_example_snapshots.sh [--check]
#   --check   writes nothing; fails if a file is not what kubectl prints
set -euo pipefail
cd "$(dirname "$0")/.."

check=no
if [ "${1:-}" = "--check" ]; then check=yes; fi

if ! command -v kubectl >/dev/null; then
    echo "kubectl is needed and was not found" >&2
    exit 1
fi

mkdir -p fixtures/example
status=0
for directory in k8s/overlays/dev k8s/overlays/staging k8s/overlays/prod k8s/monitoring; do
    snapshot="fixtures/example/$(basename "$directory").yaml"
    built="$(mktemp)"
    kubectl kustomize "$directory" >"$built"
    if [ "$check" = no ]; then
        cp "$built" "$snapshot"
        chmod 644 "$snapshot"
        echo "wrote $snapshot"
    elif ! diff -u "$snapshot" "$built"; then
        echo "$snapshot is not what kubectl prints for $directory" >&2
        status=1
    fi
    rm -f "$built"
done
exit "$status"
