#!/usr/bin/env bash
# Writes gitops-bin/tests/snapshots/example__{dev,staging,prod,monitoring}.snap:
# what `kubectl kustomize` prints for the example repository, below insta's
# header. The files are the expected output of our own `gitops build`, so they
# come from kubectl and nothing else: never accept them with `cargo insta`.
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

mkdir -p gitops-bin/tests/snapshots
status=0
for directory in k8s/overlays/dev k8s/overlays/staging k8s/overlays/prod k8s/monitoring; do
    snapshot="gitops-bin/tests/snapshots/example__$(basename "$directory").snap"
    built="$(mktemp)"
    printf -- '---\nsource: gitops-bin/tests/example.rs\nexpression: "kubectl kustomize %s"\n---\n' "$directory" >"$built"
    kubectl kustomize "$directory" >>"$built"
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
