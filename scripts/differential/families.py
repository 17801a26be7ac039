"""Kustomizations by chance, a function for each family of features. A case is a tree of data and the folder to build."""
import json

import resources as pool

FIELDS = [
    "metadata.name", "metadata.namespace", "metadata.labels.app", "metadata.annotations.note", "metadata.annotations.[a/b]",
    "spec.replicas", "spec.template.spec.containers.0.image", "spec.template.spec.containers.[name=c].image",
    "spec.template.spec.containers.*.name", "spec.template.spec.containers.[name=c].env.[name=A].value", "data.k", "stringData.k",
    "spec.selector", "spec.selector.matchLabels", "spec.ref.name", "spec.list.[name=a].value", "spec.list.*.value", "spec.list.1.name",
    "spec.text", "spec.image", "spec.new.deep", "spec.list.-", "spec.[a.b/c]", "spec.rules.0.host", "spec.ports.*.port", "spec", "kind",
    "metadata", "spec.template.metadata.labels.app", "data.new", "spec.list.[name=z].value", "spec.list.[value=1].name", "spec.list",
    "subjects.*.name", "roleRef.name", "spec.tls.0.hosts.0", "spec.template.spec.containers", "data.[k.2]", "metadata.annotations",
]


def maybe(r, chance, **fields):
    return fields if r.random() < chance else {}


def base(r, **more):
    """A kustomization over some resources."""
    most = more.pop("most", 4)
    kinds = more.pop("kinds", None)
    return {"kustomization.yaml": [{"resources": ["r.yaml"], **more}], "r.yaml": pool.some(r, most, kinds)}


def existing(r, tree, path="r.yaml"):
    return r.choice(tree[path])


def nested(r, tree):
    """The same case below a further kustomization that changes names and namespace at times."""
    if r.random() < 0.6:
        return tree, "."
    below = {f"base/{path}": content for path, content in tree.items()}
    over = {"resources": ["../base"]}
    over.update(maybe(r, 0.5, namePrefix="o-"))
    over.update(maybe(r, 0.3, nameSuffix="-s"))
    over.update(maybe(r, 0.4, namespace="prod"))
    over.update(maybe(r, 0.2, commonLabels={"over": "x"}))
    return {**below, "over/kustomization.yaml": [over]}, "over"


def generator_options(r):
    out = {}
    out.update(maybe(r, 0.4, labels={"g": r.choice(["x", "1", "true"])}))
    out.update(maybe(r, 0.4, annotations={"ga": r.choice(["x", "2"])}))
    out.update(maybe(r, 0.4, disableNameSuffixHash=r.choice([True, False])))
    out.update(maybe(r, 0.3, immutable=r.choice([True, False])))
    return out


def generator(r, name, secret):
    out = {"name": name}
    literals = ["a=b", "c=d=e", "k=1", "q=\"x y\"", "s='z'", "e=", "x.y-z_1=true", "u=é", "m=a\\nb", "n= lead", "url=http://a:80/?b=c"]
    if r.random() < 0.8:
        out["literals"] = r.sample(literals, r.randrange(1, 4))
    out.update(maybe(r, 0.3, files=r.sample(["f.txt", "key=f.txt", "g.bin", "two.txt", "d/f.json"], r.randrange(1, 3))))
    out.update(maybe(r, 0.3, envs=r.sample(["e.env", "f.env"], r.randrange(1, 3))))
    out.update(maybe(r, 0.1, env="e.env"))
    out.update(maybe(r, 0.3, namespace=r.choice(["prod", "default", "dev"])))
    out.update(maybe(r, 0.3, behavior=r.choice(["create", "merge", "replace", "unspecified"])))
    out.update(maybe(r, 0.4, options=generator_options(r)))
    if secret:
        out.update(maybe(r, 0.3, type=r.choice(["Opaque", "kubernetes.io/tls", "kubernetes.io/dockerconfigjson"])))
    return out


def generator_files(r, tree, folder=""):
    tree.update({
        folder + "f.txt": r.choice(["hello\n", "a: b\nc:\n  - d \n", "no end", "\ttab\n", "", "x \ny\n", "é\r\nb\n"]),
        folder + "g.bin": "\u0001\u0002", folder + "two.txt": "one\ntwo\n", folder + "d/f.json": '{"a": 1}\n',
        folder + "e.env": r.choice(["A=1\nB=x y\n", "# c\n\nA=b=c\n C=d\n", "K='q'\nL=\"r\"\n", "A\n", "A=\n", "A=1 # c\n", "\ufeffA=1\n"]),
        folder + "f.env": "Z=26\nY=\n",
    })


def generators(r):
    tree = base(r)
    kustomization = tree["kustomization.yaml"][0]
    names = [resource["metadata"]["name"] for resource in tree["r.yaml"]]
    for field in ("configMapGenerator", "secretGenerator"):
        if r.random() < 0.7:
            kustomization[field] = [generator(r, r.choice(names + ["gen"]), field[0] == "s") for _ in range(r.randrange(1, 3))]
    kustomization.update(maybe(r, 0.4, generatorOptions=generator_options(r)))
    kustomization.update(maybe(r, 0.3, namePrefix="p-"))
    kustomization.update(maybe(r, 0.3, namespace="prod"))
    generator_files(r, tree)
    if r.random() < 0.5:
        return tree, "."
    tree = {f"base/{path}": content for path, content in tree.items()}
    over = {"resources": ["../base"]}
    for field in ("configMapGenerator", "secretGenerator"):
        if r.random() < 0.6:
            over[field] = [{**generator(r, r.choice(names + ["gen"]), field[0] == "s"), **maybe(r, 0.7, behavior=r.choice(["merge", "replace"]))}]
    over.update(maybe(r, 0.3, generatorOptions=generator_options(r)))
    over.update(maybe(r, 0.3, nameSuffix="-s"))
    over.update(maybe(r, 0.3, namespace=r.choice(["prod", "dev"])))
    tree["over/kustomization.yaml"] = [over]
    generator_files(r, tree, "over/")
    return tree, "over"


def selector(r, resource):
    gvk = resource["apiVersion"].split("/")
    meta = resource["metadata"]
    out = {}
    out.update(maybe(r, 0.6, kind=r.choice([resource["kind"], resource["kind"], "Deploy.*", ".*Set", "Deployment|Service", resource["kind"].lower()])))
    out.update(maybe(r, 0.3, name=r.choice([meta["name"], meta["name"], "a.*", ".*b", "web|db", "^app$", "*", meta["name"][:2]])))
    out.update(maybe(r, 0.2, namespace=r.choice([meta.get("namespace", "default"), "prod|dev", "", ".*", "default"])))
    out.update(maybe(r, 0.2, version=r.choice([gvk[-1], "v1", "v.*", "V1"])))
    out.update(maybe(r, 0.2, group=r.choice([gvk[0] if len(gvk) > 1 else "", "apps", ".*", "example.com", "apps|batch"])))
    out.update(maybe(r, 0.2, labelSelector=r.choice(["app=app", "app", "!app", "app in (app, web)", "app notin (web)", "app!=db", "env=dev,n=1", "app.kubernetes.io/name=web", "app==app", "n>0", ""])))
    out.update(maybe(r, 0.1, annotationSelector=r.choice(["note=x", "note", "a/b=1", "c in (true)", "!note"])))
    return out


def operations(r, resource):
    texts = ["/metadata/name", "/metadata/labels", "/metadata/labels/app", "/metadata/annotations/a~1b", "/metadata/annotations/x", "/spec/replicas", "/spec/template/spec/containers/0/image",
             "/spec/template/spec/containers/-", "/spec/template/spec/containers/0/env/0", "/spec/list/0", "/spec/list/-", "/spec/list/1/value", "/spec/text", "/data/k", "/data/new", "/spec", "/spec/x", "/spec/x/y", "/kind", "/metadata/namespace", "/spec/list/2", "/spec/list/-1"]
    values = ["x", 1, 1.5, True, None, {"a": 1}, ["b"], "1", "", {"name": "z", "image": "z"}, 12345678901, 1e21]
    out = []
    for _ in range(r.randrange(1, 3)):
        op = r.choice(["add", "add", "replace", "replace", "remove", "test", "copy", "move"])
        operation = {"op": op, "path": r.choice(texts)}
        if op in ("copy", "move"):
            operation["from"] = r.choice(texts)
        elif op != "remove":
            operation["value"] = r.choice(values)
        out.append(operation)
    return out


def merge(r, resource):
    """A strategic merge patch of a resource."""
    meta = {"name": resource["metadata"]["name"], **({"namespace": resource["metadata"]["namespace"]} if "namespace" in resource["metadata"] else {})}
    patch = {"apiVersion": resource["apiVersion"], "kind": resource["kind"], "metadata": meta}
    if r.random() < 0.3:
        meta["labels"] = r.choice([{"app": "p"}, {"app": None}, {"new": "l"}, {}, {"$patch": "replace", "only": "x"}])
    if r.random() < 0.3:
        meta["annotations"] = r.choice([{"note": "p"}, {"note": None}, {"new": "a"}, {"n": 1}])
    if r.random() < 0.06:
        patch["$patch"] = r.choice(["delete", "replace", "merge", "bad"])
    if "template" in resource.get("spec", {}):
        pod = {"containers": [r.choice([
            {"name": "c", "image": "p:1"}, {"name": "c", "env": [{"name": "A", "value": "p"}, {"name": "N", "value": "n"}]}, {"name": "new", "image": "n"},
            {"name": "c", "$patch": "delete"}, {"name": "c", "ports": [{"containerPort": 80, "name": "h"}]}, {"name": "c", "args": ["z"]}, {"name": "c", "env": None},
            {"name": "c", "ports": [{"containerPort": 53, "protocol": "TCP"}]}, {"name": "c", "volumeMounts": [{"mountPath": "/v", "name": "w"}]}, {"image": "x"},
            {"name": "c", "env": [{"name": "B", "$patch": "delete"}]}, {"name": "c", "$patch": "replace", "image": "r"}, {"name": "c", "resources": {"limits": {"cpu": None}}},
            {"name": "c", "env": [{"$patch": "replace"}, {"name": "O", "value": "o"}]}, {"name": "side", "$setElementOrder/env": [{"name": "A"}], "image": "q"},
        ])]}
        pod.update(maybe(r, 0.2, volumes=r.choice([[{"name": "v", "emptyDir": {}}], [{"name": "w", "configMap": {"name": "app"}}], [{"name": "v", "$patch": "delete"}], None])))
        pod.update(maybe(r, 0.1, **{"$retainKeys": ["containers"]}))
        pod.update(maybe(r, 0.1, imagePullSecrets=[{"name": "q"}]))
        pod.update(maybe(r, 0.1, tolerations=[{"key": "k"}]))
        pod.update(maybe(r, 0.1, **{"$setElementOrder/containers": [{"name": "side"}, {"name": "c"}]}))
        patch["spec"] = {"template": {"spec": pod}}
        if r.random() < 0.3:
            patch["spec"]["replicas"] = r.choice([3, None, "4"])
    elif r.random() < 0.8:
        key = "data" if "data" in resource else "stringData" if "stringData" in resource else "spec"
        patch[key] = r.choice([{"k": "p"}, {"k": None}, {"n": "v"}, None, {}, {"list": [{"name": "c"}]}, {"ref": None, "text": "p"}, {"ports": [{"port": 80, "name": "h"}]}, {"$patch": "replace", "o": "p"}, {"$deleteFromPrimitiveList/hosts": ["x"]}, {"list": None}])
    return patch


def patches(r):
    tree = base(r)
    entries = []
    for number in range(r.randrange(1, 4)):
        resource = existing(r, tree)
        kind = r.random()
        entry = {}
        if kind < 0.45:
            text = [merge(r, resource)]
            if r.random() < 0.1:
                text.append(merge(r, existing(r, tree)))
            entry.update(maybe(r, 0.5, target=selector(r, resource)))
        else:
            text = [operations(r, resource)]
            entry["target"] = selector(r, resource)
        if r.random() < 0.6:
            from text import dump
            entry["patch"] = json.dumps(text[0]) if r.random() < 0.3 else "---\n".join(dump(document) for document in text)
        else:
            entry["path"] = f"p{number}.yaml"
            tree[f"p{number}.yaml"] = text
        entry.update(maybe(r, 0.15, options={r.choice(["allowNameChange", "allowKindChange"]): True}))
        entries.append(entry)
    kustomization = tree["kustomization.yaml"][0]
    kind = r.random()
    if kind < 0.75:
        kustomization["patches"] = entries
    elif kind < 0.9:
        kustomization["patchesStrategicMerge"] = ["s.yaml"]
        tree["s.yaml"] = [merge(r, existing(r, tree)) for _ in range(r.randrange(1, 3))]
    else:
        resource = existing(r, tree)
        version = resource["apiVersion"].split("/")
        target = {"kind": resource["kind"], "version": version[-1], "name": resource["metadata"]["name"], **({"group": version[0]} if len(version) > 1 else {})}
        kustomization["patchesJson6902"] = [{"target": target, "path": "j.yaml"}]
        tree["j.yaml"] = [operations(r, resource)]
    kustomization.update(maybe(r, 0.2, namePrefix="p-"))
    return nested(r, tree)


def names(r):
    tree = base(r, most=7)
    kustomization = tree["kustomization.yaml"][0]
    kustomization.update(maybe(r, 0.8, namePrefix=r.choice(["p-", "x", "1-"])))
    kustomization.update(maybe(r, 0.5, nameSuffix=r.choice(["-s", "-v1"])))
    kustomization.update(maybe(r, 0.3, namespace=r.choice(["prod", "other"])))
    kustomization.update(maybe(r, 0.3, configMapGenerator=[{"name": r.choice(pool.NAMES), "literals": ["a=b"]}]))
    kustomization.update(maybe(r, 0.2, secretGenerator=[{"name": r.choice(pool.NAMES), "literals": ["a=b"]}]))
    return nested(r, tree)


def images(r):
    tree = base(r, kinds=["deployment", "statefulset", "cronjob", "job", "custom", "daemonset"])
    entries = []
    for _ in range(r.randrange(1, 3)):
        entry = {"name": r.choice(["nginx", "nginx", "reg.io:5000/a/nginx", "busybox", "foo/nginx", "ngin.*", "docker.io/nginx", "nginx:1.2", "", "foo/.*"])}
        entry.update(maybe(r, 0.5, newName=r.choice(["new", "reg.io/new", "reg:5000/x/y", ""])))
        entry.update(maybe(r, 0.6, newTag=r.choice(["2.0", "latest", "1", ""])))
        entry.update(maybe(r, 0.3, digest="sha256:" + "c" * 64))
        entry.update(maybe(r, 0.2, tagSuffix=r.choice(["-x", "_y"])))
        entries.append(entry)
    tree["kustomization.yaml"][0]["images"] = entries
    if r.random() < 0.3:
        tree["c.yaml"] = [{"images": [{"path": r.choice(["spec/image", "spec/list[]/name", "spec/template/spec/containers[]/image", "spec/text"]), **maybe(r, 0.5, kind=r.choice(["Foo", "Deployment"]))}]}]
        tree["kustomization.yaml"][0]["configurations"] = ["c.yaml"]
    return nested(r, tree)


def replicas(r):
    tree = base(r, kinds=["deployment", "statefulset", "replicaset", "custom", "daemonset", "autoscaler"])
    kustomization = tree["kustomization.yaml"][0]
    kustomization["replicas"] = [{"name": r.choice([existing(r, tree)["metadata"]["name"], r.choice(pool.NAMES)]), **maybe(r, 0.9, count=r.choice([0, 1, 3, 5]))} for _ in range(r.randrange(1, 3))]
    kustomization.update(maybe(r, 0.3, namePrefix="p-"))
    if r.random() < 0.3:
        tree["c.yaml"] = [{"replicas": [{"path": r.choice(["spec/replicas", "spec/deep/replicas"]), "create": r.choice([True, False]), **maybe(r, 0.7, kind="Foo")}]}]
        kustomization["configurations"] = ["c.yaml"]
    return nested(r, tree)


def replacement(r, tree):
    def select(resource):
        version = resource["apiVersion"].split("/")
        out = {}
        out.update(maybe(r, 0.8, kind=resource["kind"]))
        out.update(maybe(r, 0.6, name=resource["metadata"]["name"]))
        out.update(maybe(r, 0.1, namespace=resource["metadata"].get("namespace", "default")))
        out.update(maybe(r, 0.1, version=version[-1]))
        out.update(maybe(r, 0.1, group=version[0] if len(version) > 1 else ""))
        return out

    def options():
        out = {}
        out.update(maybe(r, 0.5, delimiter=r.choice(["-", ".", ",", ":", "/", ""])))
        out.update(maybe(r, 0.5, index=r.choice([0, 1, 2, -1, 5])))
        return out

    entry = {}
    if r.random() < 0.85:
        entry["source"] = {**select(existing(r, tree)), **maybe(r, 0.85, fieldPath=r.choice(FIELDS)), **maybe(r, 0.25, options=options())}
    else:
        entry["sourceValue"] = r.choice(["x", "1", "a-b", ""])
    targets = []
    for _ in range(r.randrange(1, 3)):
        target = {"select": select(existing(r, tree))}
        target.update(maybe(r, 0.2, reject=[select(existing(r, tree))]))
        target.update(maybe(r, 0.95, fieldPaths=r.sample(FIELDS, r.randrange(1, 3))))
        more = options() if r.random() < 0.3 else {}
        more.update(maybe(r, 0.35, create=r.choice([True, True, False])))
        if more:
            target["options"] = more
        targets.append(target)
    entry["targets"] = targets
    return entry


def replacements(r):
    tree = base(r, kinds=["deployment", "configmap", "secret", "custom", "custom", "service", "ingress", "rolebinding", "cronjob", "configmap"])
    entries = [replacement(r, tree) for _ in range(r.randrange(1, 3))]
    if r.random() < 0.2:
        tree["rep.yaml"] = [entries] if r.random() < 0.5 else [entries[0]]
        entries = [{"path": "rep.yaml"}]
    tree["kustomization.yaml"][0]["replacements"] = entries
    tree["kustomization.yaml"][0].update(maybe(r, 0.2, namePrefix="p-"))
    return nested(r, tree)


def variables(r):
    tree = base(r, kinds=["deployment", "configmap", "service", "custom", "ingress", "cronjob", "statefulset"])
    entries = []
    for name in r.sample(["V", "W"], r.randrange(1, 3)):
        resource = existing(r, tree)
        reference = {"kind": resource["kind"], "name": resource["metadata"]["name"], "apiVersion": resource["apiVersion"], **maybe(r, 0.2, namespace=resource["metadata"].get("namespace", "x"))}
        path = r.choice(["metadata.name", "metadata.namespace", "spec.replicas", "data.k", "spec.list[0].name", "spec.template.spec.containers[0].image", "metadata.labels.app", "spec.ref", "metadata.annotations.a/b", "spec.ports[0].port"])
        entries.append({"name": name, "objref": reference, **maybe(r, 0.7, fieldref={"fieldpath": path})})
    kustomization = tree["kustomization.yaml"][0]
    kustomization["vars"] = entries
    kustomization.update(maybe(r, 0.3, namePrefix="p-"))
    kustomization.update(maybe(r, 0.3, commonAnnotations={"x": "$(V)"}))
    if r.random() < 0.3:
        tree["c.yaml"] = [{"varReference": [{"path": r.choice(["data", "data/k", "spec/text", "spec/list/name", "metadata/annotations", "spec/list/value"]), **maybe(r, 0.6, kind=r.choice(["ConfigMap", "Foo"]))}]}]
        kustomization["configurations"] = ["c.yaml"]
    return nested(r, tree)


def configurations(r):
    tree = base(r, kinds=["custom", "custom", "configmap", "deployment", "service", "secret", "clusterrole"], most=6)
    spec = {}
    field = lambda path, **more: {"path": path, **maybe(r, 0.4, create=True), **maybe(r, 0.6, kind=r.choice(["Foo", "ConfigMap", "Deployment"])), **maybe(r, 0.1, group="example.com"), **maybe(r, 0.1, version="v1"), **more}
    paths = ["spec/ref/name", "spec/text", "spec/list/name", "spec/list[]/name", "metadata/name", "spec/new/deep", "data/k", "spec/template/spec/containers/name", "metadata/annotations/note", "spec/a.b\\/c"]
    for section in r.sample(["namePrefix", "nameSuffix", "namespace", "commonLabels", "labels", "templateLabels", "commonAnnotations", "nameReference", "images", "replicas", "varReference"], r.randrange(1, 4)):
        if section == "nameReference":
            spec[section] = [{"kind": r.choice(["ConfigMap", "Foo", "Secret"]), **maybe(r, 0.4, version="v1"), "fieldSpecs": [field(r.choice(paths)) for _ in range(r.randrange(1, 3))]}]
        else:
            spec[section] = [field(r.choice(paths)) for _ in range(r.randrange(1, 3))]
    tree["c.yaml"] = [spec]
    kustomization = tree["kustomization.yaml"][0]
    kustomization["configurations"] = ["c.yaml"]
    kustomization.update(maybe(r, 0.6, namePrefix="p-"))
    kustomization.update(maybe(r, 0.3, nameSuffix="-s"))
    kustomization.update(maybe(r, 0.4, namespace="prod"))
    kustomization.update(maybe(r, 0.3, commonLabels={"l": "x"}))
    kustomization.update(maybe(r, 0.3, commonAnnotations={"c": "y"}))
    kustomization.update(maybe(r, 0.2, labels=[{"pairs": {"m": "z"}, **maybe(r, 0.5, includeTemplates=True)}]))
    kustomization.update(maybe(r, 0.2, images=[{"name": "nginx", "newTag": "9"}]))
    return nested(r, tree)


def components(r):
    tree = base(r)
    tree = {f"base/{path}": content for path, content in tree.items()}
    resource = r.choice(tree["base/r.yaml"])
    from text import dump
    for name in ("one", "two"):
        body = {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component"}
        body.update(maybe(r, 0.3, namePrefix=name + "-"))
        body.update(maybe(r, 0.3, namespace=r.choice(["prod", "dev"])))
        body.update(maybe(r, 0.3, labels=[{"pairs": {name: "x"}}]))
        body.update(maybe(r, 0.3, patches=[{"patch": dump(merge(r, resource)), **maybe(r, 0.5, target=selector(r, resource))}]))
        body.update(maybe(r, 0.3, configMapGenerator=[{"name": r.choice(["gen", "app"]), "literals": ["a=" + name], **maybe(r, 0.4, behavior="merge")}]))
        body.update(maybe(r, 0.2, images=[{"name": "nginx", "newTag": name}]))
        body.update(maybe(r, 0.2, replicas=[{"name": resource["metadata"]["name"], "count": 7}]))
        if r.random() < 0.2:
            body["resources"] = ["x.yaml"]
            tree[f"{name}/x.yaml"] = pool.some(r, 1)
        tree[f"{name}/kustomization.yaml"] = [body]
    for side in ("left", "right"):
        body = {"resources": ["../base"]}
        body.update(maybe(r, 0.6, namePrefix=side + "-"))
        body.update(maybe(r, 0.3, nameSuffix="-" + side))
        body.update(maybe(r, 0.3, namespace=side))
        body.update(maybe(r, 0.4, components=r.sample(["../one", "../two"], r.randrange(1, 3))))
        body.update(maybe(r, 0.3, configMapGenerator=[{"name": "gen", "literals": ["s=" + side]}]))
        tree[f"{side}/kustomization.yaml"] = [body]
    top = {"resources": r.choice([["../left", "../right"], ["../left"], ["../base", "../left"], ["../base"]])}
    top.update(maybe(r, 0.4, components=r.sample(["../one", "../two"], r.randrange(1, 3))))
    top.update(maybe(r, 0.3, namePrefix="t-"))
    top.update(maybe(r, 0.2, namespace="top"))
    top.update(maybe(r, 0.3, patches=[{"patch": dump(merge(r, resource))}]))
    top.update(maybe(r, 0.2, configMapGenerator=[{"name": "gen", "behavior": "merge", "literals": ["t=1"]}]))
    tree["top/kustomization.yaml"] = [top]
    return tree, "top"


def labels(r):
    tree = base(r, most=6)
    kustomization = tree["kustomization.yaml"][0]
    value = lambda: r.choice(["x", "1", "true", "a.b", "y z", ""])
    kustomization.update(maybe(r, 0.4, commonLabels={r.choice(["app", "l", "a/b"]): value()}))
    kustomization.update(maybe(r, 0.4, commonAnnotations={r.choice(["note", "c", "a/b"]): value()}))
    if r.random() < 0.6:
        kustomization["labels"] = []
        for _ in range(r.randrange(1, 3)):
            entry = {"pairs": {r.choice(["app", "m", "a/b"]): value()}}
            entry.update(maybe(r, 0.4, includeSelectors=r.choice([True, False])))
            entry.update(maybe(r, 0.4, includeTemplates=r.choice([True, False])))
            entry.update(maybe(r, 0.4, fields=[{"path": r.choice(["spec/selector", "spec/text", "spec/template/metadata/labels", "spec/new/labels", "metadata/labels"]), **maybe(r, 0.5, create=True), **maybe(r, 0.4, kind=r.choice(["Foo", "Deployment", "Service"])), **maybe(r, 0.2, group="apps")}]))
            kustomization["labels"].append(entry)
    kustomization.update(maybe(r, 0.2, buildMetadata=["managedByLabel"]))
    return nested(r, tree)


def namespace(r):
    tree = base(r, most=6, namespace=r.choice(["prod", "other", "default", "x-1"]))
    kustomization = tree["kustomization.yaml"][0]
    kustomization.update(maybe(r, 0.3, namePrefix="p-"))
    kustomization.update(maybe(r, 0.3, configMapGenerator=[{"name": "gen", "literals": ["a=b"], **maybe(r, 0.4, namespace="dev")}]))
    if r.random() < 0.35:
        body = {"apiVersion": "builtin", "kind": "NamespaceTransformer", "metadata": {"name": "n", **maybe(r, 0.8, namespace="tns")}}
        body.update(maybe(r, 0.5, unsetOnly=r.choice([True, False])))
        body.update(maybe(r, 0.5, setRoleBindingSubjects=r.choice(["defaultOnly", "allServiceAccounts", "none"])))
        body.update(maybe(r, 0.7, fieldSpecs=[{"path": "metadata/namespace", "create": True}]))
        kustomization["transformers"] = ["t.yaml"]
        tree["t.yaml"] = [body]
    return nested(r, tree)


def openapi(r):
    tree = base(r, kinds=["custom", "custom", "deployment", "configmap"])
    keys = {"x-kubernetes-patch-merge-key": r.choice(["name", "value"]), "x-kubernetes-patch-strategy": r.choice(["merge", "replace", "merge,retainKeys"])}
    item = {"type": "object", "properties": {"name": {"type": "string"}, "value": {"type": "integer"}}}
    listing = {"type": "array", "items": item, **(keys if r.random() < 0.8 else {})}
    if r.random() < 0.3:
        listing = {"type": "array", "items": item, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": r.choice([["name"], ["name", "value"]])}
    definitions = {
        "io.example.v1.Foo": {
            "type": "object",
            "properties": {
                "apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"},
                "spec": {"type": "object", "properties": {"list": listing, **maybe(r, 0.5, template={"$ref": "#/definitions/io.k8s.api.core.v1.PodTemplateSpec"})}},
            },
            "x-kubernetes-group-version-kind": [{"group": "example.com", "kind": "Foo", "version": "v1"}],
        }
    }
    schema = {"definitions": definitions}
    if r.random() < 0.5:
        scope = r.choice(["", "namespaces/{namespace}/"])
        action = {"get": {"x-kubernetes-action": "get", "x-kubernetes-group-version-kind": {"group": "example.com", "kind": "Foo", "version": "v1"}}}
        schema["paths"] = {f"/apis/example.com/v1/{scope}foos/{{name}}": action}
    tree["schema.json"] = json.dumps(schema, indent=1)
    kustomization = tree["kustomization.yaml"][0]
    kustomization["openapi"] = r.choice([{"path": "schema.json"}, {"path": "schema.json"}, {"version": "v1.21.2"}, {"version": "v1.0.0"}])
    resource = existing(r, tree)
    patch = merge(r, resource)
    if "list" in resource.get("spec", {}):
        patch["spec"] = {"list": [r.choice([{"name": "a", "value": 9}, {"name": "z", "value": 1}, {"name": "b", "$patch": "delete"}, {"value": 1, "name": "q"}])]}
    from text import dump
    kustomization["patches"] = [{"patch": dump(patch)}]
    kustomization.update(maybe(r, 0.5, namespace=r.choice(["prod", "default"])))
    kustomization.update(maybe(r, 0.3, namePrefix="p-"))
    return nested(r, tree)


def transformers(r):
    tree = base(r, most=5)
    resource = existing(r, tree)
    from text import dump
    fields = lambda *paths: {"fieldSpecs": [{"path": r.choice(paths), **maybe(r, 0.6, create=True), **maybe(r, 0.3, kind=resource["kind"])} for _ in range(r.randrange(1, 3))]}
    metadata = ["metadata/name", "metadata/annotations/q", "spec/text", "spec/template/metadata/name"]
    groups = ["metadata/labels", "metadata/annotations", "spec/selector", "spec/template/metadata/labels", "spec/x/y"]
    makers = {
        "PrefixTransformer": lambda: {"prefix": "t-", **fields(*metadata)},
        "SuffixTransformer": lambda: {"suffix": "-t", **fields(*metadata)},
        "PrefixSuffixTransformer": lambda: {"prefix": "t-", "suffix": "-u", **fields(*metadata)},
        "LabelTransformer": lambda: {"labels": {"t": "1"}, **fields(*groups)},
        "AnnotationsTransformer": lambda: {"annotations": {"t": "a"}, **fields(*groups)},
        "ImageTagTransformer": lambda: {"imageTag": {"name": "nginx", "newTag": "t"}, **maybe(r, 0.5, **fields("spec/image", "spec/template/spec/containers[]/image"))},
        "ReplicaCountTransformer": lambda: {"replica": {"name": resource["metadata"]["name"], "count": 9}, **fields("spec/replicas", "spec/x/replicas")},
        "NamespaceTransformer": lambda: {**fields("metadata/namespace", "spec/ns"), **maybe(r, 0.4, unsetOnly=True)},
        "PatchTransformer": lambda: {"patch": r.choice([dump(merge(r, resource)), json.dumps(operations(r, resource))]), **maybe(r, 0.7, target=selector(r, resource))},
        "PatchStrategicMergeTransformer": lambda: {"patches": dump(merge(r, resource))},
        "PatchJson6902Transformer": lambda: {"target": {"kind": resource["kind"], "name": resource["metadata"]["name"], "version": resource["apiVersion"].split("/")[-1], **maybe(r, 0.8, group=resource["apiVersion"].rpartition("/")[0])}, "jsonOp": json.dumps(operations(r, resource))},
        "ReplacementTransformer": lambda: {"replacements": [replacement(r, tree)]},
        "ValueAddTransformer": lambda: {"value": "v", "targetFilePath": "", "targets": [{"selector": {"kind": resource["kind"]}, "fieldPath": r.choice(["metadata/namespace", "spec/text"])}]},
        "HashTransformer": dict,
        "SortOrderTransformer": lambda: {"sortOptions": {"order": r.choice(["legacy", "fifo"])}},
        "LegacyOrderTransformer": dict,
        "ConfigMapGenerator": lambda: {"literals": ["a=b"]},
    }
    entries = []
    for number in range(r.randrange(1, 3)):
        kind = r.choice(list(makers))
        meta = {"name": f"t{number}", **maybe(r, 0.3, namespace="tns")}
        body = {"apiVersion": "builtin", "kind": kind, "metadata": meta, **makers[kind]()}
        if r.random() < 0.25:
            entries.append(dump(body))
        else:
            entries.append(f"t{number}.yaml")
            tree[f"t{number}.yaml"] = [body]
    kustomization = tree["kustomization.yaml"][0]
    kustomization[r.choice(["transformers", "transformers", "transformers", "validators", "generators"])] = entries
    kustomization.update(maybe(r, 0.3, namePrefix="p-"))
    kustomization.update(maybe(r, 0.2, configMapGenerator=[{"name": "gen", "literals": ["a=b"]}]))
    return nested(r, tree)


def order(r):
    tree = base(r, most=8)
    kustomization = tree["kustomization.yaml"][0]
    options = {"order": r.choice(["legacy", "fifo", "legacy", "other"])}
    if options["order"] == "legacy" and r.random() < 0.5:
        options["legacySortOptions"] = {"orderFirst": r.sample(["Foo", "Deployment", "Service", "Namespace"], 2), "orderLast": r.sample(["ConfigMap", "Secret", "Role"], 1)}
    kustomization["sortOptions"] = options
    kustomization.update(maybe(r, 0.6, buildMetadata=r.sample(["originAnnotations", "transformerAnnotations", "managedByLabel"], r.randrange(1, 4))))
    kustomization.update(maybe(r, 0.4, namePrefix="p-"))
    kustomization.update(maybe(r, 0.4, configMapGenerator=[{"name": "gen", "literals": ["a=b"]}]))
    kustomization.update(maybe(r, 0.3, namespace="prod"))
    kustomization.update(maybe(r, 0.3, commonLabels={"l": "x"}))
    kustomization.update(maybe(r, 0.3, images=[{"name": "nginx", "newTag": "9"}]))
    return nested(r, tree)


FAMILIES = {
    "generators": generators, "patches": patches, "names": names, "images": images, "replicas": replicas, "replacements": replacements,
    "vars": variables, "configurations": configurations, "components": components, "labels": labels, "namespace": namespace,
    "openapi": openapi, "transformers": transformers, "order": order,
}


def case(r, family):
    """A tree of data and the folder to build."""
    return FAMILIES[family](r)
