#!/usr/bin/env bash
# Checks the example repository (k8s/, argocd/) with the tools that its files
# are written for. A tool that is absent costs one line, and with
# GITOPS_REQUIRE=1 the success.
#
#   kubectl               builds every directory; the snapshots are current
#   kubernetes-validate   the built objects against the schemas of Kubernetes
#   promtool              configuration, rules and their tests; the queries of
#                         the canary analysis and of the dashboard
#   amtool                configuration and routes of Alertmanager
#   python3               with PyYAML: the agreements between files
#
# With GITOPS_REQUIRE=1 it also lets a rollout abort before a running Prometheus
# and Alertmanager, which takes about a minute (scripts/check_abort_alert.py).
set -uo pipefail
cd "$(dirname "$0")/.."

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
failures=0

# Runs a check under a name; says what it printed only if it failed.
check() {
    local name="$1"
    shift
    if "$@" >"$work/output" 2>&1; then
        echo "ok    $name"
    else
        echo "FAIL  $name"
        sed 's/^/      /' "$work/output"
        failures=$((failures + 1))
    fi
}

# have TOOL WHAT: is the tool there? If not, says what is left out.
have() {
    if command -v "$1" >/dev/null; then return 0; fi
    absent "$1" "$2"
    return 1
}

absent() {
    if [ "${GITOPS_REQUIRE:-}" = 1 ]; then
        echo "FAIL  $2: $1 was not found"
        failures=$((failures + 1))
    else
        echo "skip  $2: $1 was not found"
    fi
}

built_objects() {
    for directory in base overlays/dev overlays/staging overlays/prod monitoring; do
        kubectl kustomize "k8s/$directory" >"$work/$(basename "$directory").yaml" || return 1
    done
}

queries_found() {
    python3 scripts/check_example.py queries "$work" >"$work/queries" && [ -s "$work/queries" ]
}

analysis_judges() {
    python3 scripts/check_example.py analysis-tests "$work" >"$work/analysis.tests.yaml" &&
        promtool test rules "$work/analysis.tests.yaml"
}

# Wraps one query in a rule, because promtool reads rules and not queries.
query_parses() {
    printf 'groups: [{name: query, rules: [{record: query, expr: %s}]}]\n' "$1" >"$work/query.rules.yaml"
    promtool check rules "$work/query.rules.yaml"
}

# Debian builds Prometheus without service discovery for Kubernetes: there the
# configuration is checked without these blocks.
prometheus_configuration() {
    local directory="k8s/monitoring/prometheus"
    if promtool check config "$directory/prometheus.yaml"; then return 0; fi
    mkdir -p "$work/prometheus"
    cp "$directory"/*.rules.yaml "$work/prometheus/"
    awk '
        /^ *kubernetes_sd_configs:/ { match($0, /^ */); depth = RLENGTH; skipping = 1; next }
        skipping { match($0, /^ */); if (RLENGTH > depth) next; skipping = 0 }
        { print }
    ' "$directory/prometheus.yaml" >"$work/prometheus/prometheus.yaml"
    promtool check config "$work/prometheus/prometheus.yaml"
}

alertmanager_routes() {
    local file="k8s/monitoring/alertmanager" line labels expected got
    while IFS= read -r line; do
        case "$line" in '#'* | '') continue ;; esac
        labels="${line%% => *}"
        expected="${line##* => }"
        # shellcheck disable=SC2086 — each label is an argument
        got="$(amtool config routes test --config.file="$file/alertmanager.yaml" $labels)"
        if [ "$got" != "$expected" ]; then
            echo "$labels goes to $got, not to $expected"
            return 1
        fi
    done <"$file/tests/routes.txt"
}

if have kubectl "builds"; then
    check "every directory builds" built_objects
    check "snapshots are what kubectl prints" scripts/update_example_snapshots.sh --check
    if have kubernetes-validate "schemas of Kubernetes"; then
        # Kinds of Argo have no schema there; a message says so and no more.
        check "objects fit the schemas of Kubernetes 1.37" \
            kubernetes-validate -k 1.37 --strict --no-warn "$work"/*.yaml
    fi
fi

if have promtool "Prometheus"; then
    check "Prometheus configuration and rules" prometheus_configuration
    check "alert rule tests" promtool test rules k8s/monitoring/prometheus/tests/alert.tests.yaml
fi

if have amtool "Alertmanager"; then
    check "Alertmanager configuration" amtool check-config k8s/monitoring/alertmanager/alertmanager.yaml
    check "Alertmanager routes" alertmanager_routes
fi

if have python3 "agreements between files"; then
    if ! python3 -c 'import yaml' 2>/dev/null; then
        absent "PyYAML" "agreements between files"
    elif [ -f "$work/prod.yaml" ]; then
        check "the files agree with each other" python3 scripts/check_example.py agreements "$work"
        if command -v promtool >/dev/null; then
            check "queries are found" queries_found
            while IFS=$'\t' read -r name query; do
                check "query parses: $name" query_parses "$query"
            done <"$work/queries"
            check "the canary analysis judges as it should" analysis_judges
        fi
    fi
fi

if [ "${GITOPS_REQUIRE:-}" = 1 ]; then
    check "an abort pages within a minute" python3 scripts/check_abort_alert.py
fi

if [ "$failures" -gt 0 ]; then
    echo "$failures checks failed"
    exit 1
fi
