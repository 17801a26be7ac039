"""Resources of many kinds that name each other, of which the families take some."""

NAMES = ["app", "web", "db", "app-1", "a.b"]
NAMESPACES = [None, None, None, "default", "prod", "dev"]


def metadata(r, name, namespaced=True):
    out = {"name": name}
    namespace = r.choice(NAMESPACES) if namespaced else None
    if namespace is not None:
        out["namespace"] = namespace
    if r.random() < 0.5:
        out["labels"] = dict(r.sample([("app", name), ("tier", "x"), ("env", "dev"), ("app.kubernetes.io/name", name), ("n", "1")], r.randrange(1, 4)))
    if r.random() < 0.3:
        out["annotations"] = dict(r.sample([("note", "x"), ("a/b", "1"), ("c", "true"), ("z", "y: z")], r.randrange(1, 3)))
    return out


def container(r, name, refs):
    out = {"name": name, "image": r.choice(["nginx", "nginx:1.2", "reg.io:5000/a/nginx:1.0", "nginx@sha256:" + "a" * 64, "busybox:1.2@sha256:" + "b" * 64, "foo/nginx"])}
    if r.random() < 0.5:
        out["env"] = [{"name": "A", "value": r.choice(["x", "$(V)", "1"])}]
        if r.random() < 0.6:
            out["env"].append({"name": "B", "valueFrom": {r.choice(["configMapKeyRef", "secretKeyRef"]): {"name": r.choice(refs), "key": "k"}}})
    if r.random() < 0.3:
        out["envFrom"] = [{r.choice(["configMapRef", "secretRef"]): {"name": r.choice(refs)}}]
    if r.random() < 0.4:
        out["ports"] = [{"containerPort": 80}] + ([{"containerPort": 53, "protocol": "UDP", "name": "dns"}] if r.random() < 0.5 else [])
    if r.random() < 0.3:
        out["args"] = ["--a=$(V)", "b"]
    if r.random() < 0.3:
        out["volumeMounts"] = [{"name": "v", "mountPath": "/v"}]
    if r.random() < 0.2:
        out["resources"] = {"limits": {"cpu": "1", "memory": "1Gi"}}
    return out


def pod(r, refs):
    out = {"containers": [container(r, "c", refs)]}
    if r.random() < 0.4:
        out["containers"].append(container(r, "side", refs))
    if r.random() < 0.3:
        out["initContainers"] = [container(r, "init", refs)]
    if r.random() < 0.4:
        out["volumes"] = [r.choice([
            {"name": "v", "configMap": {"name": r.choice(refs)}},
            {"name": "v", "secret": {"secretName": r.choice(refs)}},
            {"name": "v", "persistentVolumeClaim": {"claimName": r.choice(refs)}},
            {"name": "v", "projected": {"sources": [{"configMap": {"name": r.choice(refs)}}, {"secret": {"name": r.choice(refs)}}]}},
            {"name": "v", "emptyDir": {}},
        ])]
    if r.random() < 0.3:
        out["serviceAccountName"] = r.choice(refs)
    if r.random() < 0.2:
        out["imagePullSecrets"] = [{"name": r.choice(refs)}]
    if r.random() < 0.15:
        out["affinity"] = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"labelSelector": {"matchLabels": {"app": "x"}}, "topologyKey": "z"}]}}
    return out


def template(r, refs):
    out = {"spec": pod(r, refs)}
    if r.random() < 0.8:
        out = {"metadata": {"labels": {"app": "x"}}, **out}
    return out


def workload(api_version, kind):
    def make(r, name, refs):
        spec = {"template": template(r, refs)}
        if r.random() < 0.7:
            spec["selector"] = {"matchLabels": {"app": "x"}}
        if kind in ("Deployment", "StatefulSet", "ReplicaSet") and r.random() < 0.5:
            spec["replicas"] = 1
        if kind == "StatefulSet":
            spec["serviceName"] = r.choice(refs)
            if r.random() < 0.5:
                spec["volumeClaimTemplates"] = [{"metadata": {"name": "d"}, "spec": {"accessModes": ["ReadWriteOnce"]}}]
        return {"apiVersion": api_version, "kind": kind, "metadata": metadata(r, name), "spec": spec}
    return make


def cron_job(r, name, refs):
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata(r, name), "spec": {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": template(r, refs)}}}}


def config(kind):
    def make(r, name, refs):
        data = {"k": r.choice(["v", "a\nb\n", "$(V)", "1", "x: y\nz: [1, 2]\n", "a,b,c", '{"a": {"b": 1}}'])}
        if r.random() < 0.3:
            data["k.2"] = "w"
        out = {"apiVersion": "v1", "kind": kind, "metadata": metadata(r, name)}
        return {**out, ("stringData" if kind == "Secret" else "data"): data}
    return make


def service(r, name, refs):
    spec = {"ports": [{"port": 80, "targetPort": r.choice([80, "http"])}]}
    if r.random() < 0.8:
        spec["selector"] = {"app": "x"}
    if r.random() < 0.3:
        spec["ports"].append({"port": 53, "protocol": "UDP", "name": "dns"})
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata(r, name), "spec": spec}


def ingress(r, name, refs):
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": r.choice(refs), "port": {"number": 80}}}}
    spec = {"rules": [{"host": "x.y", "http": {"paths": [path]}}]}
    if r.random() < 0.4:
        spec["tls"] = [{"secretName": r.choice(refs), "hosts": ["x.y"]}]
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata(r, name), "spec": spec}


def autoscaler(r, name, refs):
    target = {"apiVersion": "apps/v1", "kind": r.choice(["Deployment", "StatefulSet"]), "name": r.choice(refs)}
    return {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": metadata(r, name), "spec": {"maxReplicas": 3, "minReplicas": 1, "scaleTargetRef": target}}


def binding(kind):
    def make(r, name, refs):
        subjects = [{"kind": "ServiceAccount", "name": r.choice(refs + ["default"])} for _ in range(r.randrange(1, 3))]
        for subject in subjects:
            if r.random() < 0.6:
                subject["namespace"] = r.choice(["default", "prod", "other"])
        role = r.choice(["Role", "ClusterRole"]) if kind == "RoleBinding" else "ClusterRole"
        out = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": metadata(r, name, kind == "RoleBinding")}
        return {**out, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": role, "name": r.choice(refs)}, "subjects": subjects}
    return make


def role(kind):
    def make(r, name, refs):
        rule = {"apiGroups": [""], "resources": [r.choice(["configmaps", "secrets"])], "verbs": ["get"]}
        if r.random() < 0.5:
            rule["resourceNames"] = r.sample(refs, 1)
        return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": metadata(r, name, kind == "Role"), "rules": [rule]}
    return make


def plain(api_version, kind, namespaced=True, **more):
    def make(r, name, refs):
        return {"apiVersion": api_version, "kind": kind, "metadata": metadata(r, name, namespaced), **more}
    return make


def webhook(r, name, refs):
    client = {"service": {"name": r.choice(refs), "namespace": r.choice(["default", "prod", "system"])}}
    out = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration"}
    return {**out, "metadata": metadata(r, name, False), "webhooks": [{"name": "a.b.c", "clientConfig": client}]}


def network_policy(r, name, refs):
    peer = {"podSelector": {"matchLabels": {"app": "x"}}}
    spec = {"podSelector": {"matchLabels": {"app": "x"}}, "ingress": [{"from": [peer]}], "egress": [{"to": [peer]}]}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata(r, name), "spec": spec}


def custom(r, name, refs):
    spec = {"ref": {"name": r.choice(refs)}, "list": [{"name": "a", "value": 1}, {"name": "b", "value": 2}], "image": "nginx:1.2", "text": "a-b-c", "replicas": 1}
    if r.random() < 0.3:
        spec["selector"] = {"matchLabels": {"app": "x"}}
    if r.random() < 0.3:
        spec["a.b/c"] = "x"
    return {"apiVersion": r.choice(["example.com/v1", "example.com/v1", "other.io/v1beta1"]), "kind": r.choice(["Foo", "Foo", "Bar"]), "metadata": metadata(r, name), "spec": spec}


KINDS = {
    "deployment": workload("apps/v1", "Deployment"),
    "statefulset": workload("apps/v1", "StatefulSet"),
    "daemonset": workload("apps/v1", "DaemonSet"),
    "replicaset": workload("apps/v1", "ReplicaSet"),
    "job": workload("batch/v1", "Job"),
    "cronjob": cron_job,
    "configmap": config("ConfigMap"),
    "secret": config("Secret"),
    "service": service,
    "ingress": ingress,
    "autoscaler": autoscaler,
    "rolebinding": binding("RoleBinding"),
    "clusterrolebinding": binding("ClusterRoleBinding"),
    "role": role("Role"),
    "clusterrole": role("ClusterRole"),
    "serviceaccount": plain("v1", "ServiceAccount"),
    "namespace": plain("v1", "Namespace", False),
    "claim": plain("v1", "PersistentVolumeClaim", spec={"accessModes": ["ReadWriteOnce"]}),
    "volume": plain("v1", "PersistentVolume", False, spec={"capacity": {"storage": "1Gi"}}),
    "storageclass": plain("storage.k8s.io/v1", "StorageClass", False, provisioner="x"),
    "budget": plain("policy/v1", "PodDisruptionBudget", spec={"selector": {"matchLabels": {"app": "x"}}}),
    "priority": plain("scheduling.k8s.io/v1", "PriorityClass", False, value=1),
    "definition": plain("apiextensions.k8s.io/v1", "CustomResourceDefinition", False, spec={"group": "example.com"}),
    "webhook": webhook,
    "networkpolicy": network_policy,
    "custom": custom,
}


def some(r, most=4, kinds=None):
    """Some resources, each with another identity; names often collide across kinds, and refer to each other."""
    made, seen = [], set()
    names = r.sample(NAMES, r.randrange(1, 4))
    for _ in range(r.randrange(1, most + 1)):
        kind = r.choice(kinds or list(KINDS))
        resource = KINDS[kind](r, r.choice(names), names)
        key = (resource["apiVersion"], resource["kind"], resource["metadata"]["name"], resource["metadata"].get("namespace"))
        if key not in seen:
            seen.add(key)
            made.append(resource)
    return made
