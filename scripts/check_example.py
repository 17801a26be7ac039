"""The agreements between the files of the example repository.

usage: check_example.py agreements DIRECTORY   what must hold across files
       check_example.py queries DIRECTORY      NAME <tab> QUERY as JSON, a line each
       check_example.py analysis-tests DIRECTORY   a test file for promtool: the
           queries of the canary analysis on traffic of every kind

DIRECTORY holds what `kubectl kustomize` printed: dev.yaml, staging.yaml,
prod.yaml, monitoring.yaml.
"""

import glob
import json
import re
import sys

import yaml

ENVIRONMENTS = {
    # name: (minReplicas, maxReplicas, node type, host)
    "dev": (1, 3, "t3.medium", "dev.myapp.example.com"),
    "staging": (2, 5, "t3.medium", "staging.myapp.example.com"),
    "prod": (3, 10, "m5.large", "myapp.example.com"),
}
WORKLOADS = ("Deployment", "Rollout", "DaemonSet", "StatefulSet")
DASHBOARD = "k8s/monitoring/grafana/dashboards/dora.json"


def load(path):
    with open(path, encoding="utf-8") as file:
        return [document for document in yaml.safe_load_all(file) if document]


def one(objects, kind, name="myapp"):
    found = [o for o in objects if o["kind"] == kind and o["metadata"]["name"] == name]
    assert len(found) == 1, f"{len(found)} objects {kind} {name}"
    return found[0]


def seconds(duration):
    """A Go duration of minutes and seconds."""
    parts = re.fullmatch(r"(?:(\d+)m)?(?:(\d+)s)?", duration)
    return int(parts[1] or 0) * 60 + int(parts[2] or 0)


def environment(name, objects):
    low, high, node, host = ENVIRONMENTS[name]
    scaler = one(objects, "HorizontalPodAutoscaler")["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (low, high), f"{name}: bounds"
    kind = "Rollout" if name == "prod" else "Deployment"
    workloads = [o for o in objects if o["kind"] in WORKLOADS]
    assert [w["kind"] for w in workloads] == [kind], f"{name}: workloads"
    assert "replicas" not in workloads[0]["spec"], f"{name}: the autoscaler owns the count"
    target = scaler["scaleTargetRef"]
    assert (target["apiVersion"], target["kind"], target["name"]) == (
        workloads[0]["apiVersion"], kind, "myapp"), f"{name}: scale target"
    pod = workloads[0]["spec"]["template"]["spec"]
    assert pod["nodeSelector"] == {"node.kubernetes.io/instance-type": node}, f"{name}: node type"
    image = pod["containers"][0]["image"]
    assert re.search(r"/myapp:[0-9a-f]{7}$", image), f"{name}: image {image}"
    assert one(objects, "Ingress")["spec"]["rules"][0]["host"] == host, f"{name}: host"
    for thing in objects:
        assert thing["metadata"]["namespace"] == name, f"{name}: namespace of {thing['kind']}"
    return workloads[0]


def same_template(staging, prod):
    """rollout.yaml repeats the base's pod template: the two must not drift."""
    def normal(template):
        text = json.dumps(template, sort_keys=True)
        text = re.sub(r"myapp-config-\w+", "myapp-config", text)
        text = re.sub(r"myapp:[0-9a-f]{7}\b", "myapp:TAG", text)
        template = json.loads(text)
        del template["spec"]["nodeSelector"]
        del template["metadata"]["labels"]["environment"]
        return template
    assert normal(staging["spec"]["template"]) == normal(prod["spec"]["template"]), (
        "the Rollout's pod template is not the Deployment's")


def canary(objects):
    """Every name in the Rollout is an object; each analysis lasts five minutes."""
    strategy = one(objects, "Rollout")["spec"]["strategy"]["canary"]
    for service in (strategy["stableService"], strategy["canaryService"],
                    strategy["trafficRouting"]["alb"]["rootService"]):
        one(objects, "Service", service)
    ingress = one(objects, "Ingress", strategy["trafficRouting"]["alb"]["ingress"])
    backend = ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert backend == {"name": strategy["trafficRouting"]["alb"]["rootService"],
                       "port": {"name": "use-annotation"}}, "backend of the Ingress"
    kinds = [next(iter(step)) for step in strategy["steps"]]
    assert kinds == ["setWeight", "analysis", "pause"] * 2 + ["setWeight"], kinds
    assert [s["setWeight"] for s in strategy["steps"] if "setWeight" in s] == [10, 50, 100]
    assert [s["pause"]["duration"] for s in strategy["steps"] if "pause" in s] == ["2m", "5m"]
    for step in strategy["steps"]:
        for reference in step.get("analysis", {}).get("templates", []):
            template = one(objects, "AnalysisTemplate", reference["templateName"])
            given = {argument["name"] for argument in step["analysis"]["args"]}
            wanted = {argument["name"] for argument in template["spec"]["args"]}
            assert given == wanted, f"arguments of {reference['templateName']}"
            for metric in template["spec"]["metrics"]:
                lasts = seconds(metric["initialDelay"]) + (metric["count"] - 1) * seconds(metric["interval"])
                assert lasts == 300, f"{metric['name']} lasts {lasts} s"
                query = metric["provider"]["prometheus"]["query"]
                assert query.count("{{args.canary-hash}}") == query.count("rate("), "limited to the canary"
                assert "failureCondition" in metric, "NaN must be neither success nor failure"


def project(overlays):
    """The project permits what the overlays render, and nothing that they do not use."""
    spec = load("argocd/projects/gitops-demo-project.yaml")[0]["spec"]
    permitted = {(item["group"], item["kind"]) for item in spec["namespaceResourceWhitelist"]}
    rendered = {(thing["apiVersion"].rpartition("/")[0], thing["kind"])
                for objects in overlays.values() for thing in objects}
    assert permitted == rendered, f"whitelist and rendered kinds differ: {permitted ^ rendered}"
    for path in glob.glob("argocd/apps/*.yaml"):
        application = load(path)[0]
        name = application["spec"]["destination"]["namespace"]
        assert application["metadata"]["name"] == f"myapp-{name}", path
        assert application["spec"]["source"]["path"] == f"k8s/overlays/{name}", path
        assert application["spec"]["source"]["repoURL"] in spec["sourceRepos"], path
        assert application["spec"]["destination"] in spec["destinations"], path
        automated = application["spec"]["syncPolicy"].get("automated")
        expected = None if name == "prod" else {"prune": True, "selfHeal": True}
        assert automated == expected, f"{path}: automated {automated}"


def hardened(objects):
    """Every container of ours: not root, nothing to gain, nothing to write to."""
    for thing in objects:
        if thing["kind"] not in WORKLOADS:
            continue
        pod = thing["spec"]["template"]["spec"]
        where = f"{thing['kind']} {thing['metadata']['name']}"
        assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] > 0, where
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, where
        annotations = thing["spec"]["template"]["metadata"]["annotations"]
        if "vault.hashicorp.com/agent-inject" in annotations:
            # The files that the agent writes must be readable by the application.
            agent = annotations["vault.hashicorp.com/agent-run-as-user"]
            assert agent == str(pod["securityContext"]["runAsUser"]), f"{where}: user of the Vault agent"
        for container in pod["containers"] + pod.get("initContainers", []):
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] and not context["allowPrivilegeEscalation"], where
            assert context["capabilities"] == {"drop": ["ALL"]}, where
            assert {"requests", "limits"} <= container["resources"].keys(), where


def no_secret():
    """No AWS key, Slack address or Secret in any file."""
    for path in glob.glob("k8s/**/*.*", recursive=True) + glob.glob("argocd/**/*.yaml", recursive=True):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        found = re.search(r"AKIA[0-9A-Z]{16}|AWS_SECRET|hooks\.slack\.com|^kind: Secret$", text, re.M)
        assert not found, f"{path}: {found and found[0]}"


def dashboard():
    with open(DASHBOARD, encoding="utf-8") as file:
        board = json.load(file)
    assert board["uid"] and board["title"], "dashboard without uid or title"
    places = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        assert panel["title"] and panel["targets"], panel["id"]
        assert place["x"] + place["w"] <= 24, f"{panel['title']}: wider than the grid"
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}
        assert not places & cells, f"{panel['title']}: over another panel"
        places |= cells
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"]), "panel ids"
    return board


def agreements(directory):
    overlays = {name: load(f"{directory}/{name}.yaml") for name in ENVIRONMENTS}
    workloads = {name: environment(name, objects) for name, objects in overlays.items()}
    same_template(workloads["staging"], workloads["prod"])
    canary(overlays["prod"])
    project(overlays)
    for objects in [*overlays.values(), load(f"{directory}/monitoring.yaml")]:
        hardened(objects)
    no_secret()
    dashboard()


def analysis_queries(directory):
    """Metric name to query, with the argument filled in."""
    return {
        metric["name"]: metric["provider"]["prometheus"]["query"].replace("{{args.canary-hash}}", "canary")
        for thing in load(f"{directory}/prod.yaml") if thing["kind"] == "AnalysisTemplate"
        for metric in thing["spec"]["metrics"]
    }


def analysis_tests(directory):
    query = analysis_queries(directory)

    def requests(version, good, bad, namespace="prod"):
        labels = f'namespace="{namespace}",rollouts_pod_template_hash="{version}",endpoint="/"'
        return [
            {"series": f'app_requests_total{{{labels},status="{status}"}}', "values": f"0+{count}x40"}
            for status, count in (("200", good), ("503", bad)) if count is not None
        ]

    def latencies(version, fast, slow):
        labels = f'namespace="prod",rollouts_pod_template_hash="{version}"'
        return [
            {"series": f'http_request_duration_seconds_bucket{{{labels},le="{bound}"}}', "values": f"0+{count}x40"}
            for bound, count in (("0.25", fast), ("0.5", fast), ("1", fast + slow), ("+Inf", fast + slow))
        ]

    def is_about(expression, value):
        return f"abs({expression} - {value}) < bool 1e-9", 1

    def case(name, series, *expectations):
        return {
            "name": name, "interval": "15s", "input_series": series,
            "promql_expr_test": [
                {"expr": expression, "eval_time": "5m",
                 "exp_samples": [] if value is None else [{"labels": "{}", "value": value}]}
                for expression, value in expectations
            ],
        }

    success, latency = query["success-rate"], query["p99-latency"]
    # NaN equals nothing, itself included: it is counted, and compared in vain.
    def unknown(expression):
        return (f"count({expression})", 1), (f"({expression}) >= 0", None), (f"({expression}) < 0", None)

    tests = [
        case("a good canary", requests("canary", 995, 5) + requests("stable", 9000, 0), is_about(success, 0.995)),
        case("stable pods do not hide the canary's errors",
             requests("canary", 91, 9) + requests("stable", 900, 0), is_about(success, 0.91)),
        case("errors of the stable pods are not the canary's",
             requests("canary", 100, 0) + requests("stable", 0, 900), (success, 1)),
        case("the same version elsewhere does not count",
             requests("canary", 50, 50) + requests("canary", 900, 0, "staging"), is_about(success, 0.5)),
        case("every request fails and there was never a good one",
             requests("canary", None, 100), (success, 0)),
        case("no request ever: no value", requests("stable", 900, 0), (success, None)),
        case("no request now: neither success nor failure",
             requests("canary", 0, 0) + requests("stable", 900, 0), *unknown(success)),
        case("a fast canary beside slow stable pods",
             latencies("canary", 1000, 0) + latencies("stable", 0, 1000), (f"{latency} <= bool 0.5", 1)),
        case("a slow canary beside fast stable pods",
             latencies("canary", 90, 10) + latencies("stable", 9000, 0), (f"{latency} > bool 0.5", 1)),
        case("no request ever: no latency", latencies("stable", 900, 0), (latency, None)),
        case("no request now: no latency to judge", latencies("canary", 0, 0), *unknown(latency)),
    ]
    print(json.dumps({"evaluation_interval": "15s", "tests": tests}, indent=1))


def queries(directory):
    found = [(f"analysis {name}", query) for name, query in analysis_queries(directory).items()]
    for panel in dashboard()["panels"]:
        for target in panel["targets"]:
            found.append((f"dashboard {panel['title']}", target["expr"]))
    for name, query in found:
        for variable, value in (("$__range_s", "1209600"), ("$__range", "14d"),
                                ("$namespace", "prod"), ("$name", ".+")):
            query = query.replace(variable, value)
        assert "$" not in query, f"{name}: a variable is left"
        print(f"{name}\t{json.dumps(query)}")


if __name__ == "__main__":
    {"agreements": agreements, "queries": queries, "analysis-tests": analysis_tests}[sys.argv[1]](sys.argv[2])
