"""Input that is small, or not very large, and asks for much."""

from .case import BUILDS, CONFIG_MAP, DEPLOYMENT, EITHER, REFUSED, Case, kustomization, resource

HEAD = CONFIG_MAP.decode()


def aliases():
    for width, depth in ((9, 12), (2, 40), (100, 5), (1000, 3), (50_000, 2)):
        text = "a0: &a0 [" + ", ".join(["x"] * width) + "]\n"
        for at in range(1, depth):
            text += f"a{at}: &a{at} [" + ", ".join([f"*a{at - 1}"] * width) + "]\n"
        yield resource(f"alias-list-{width}-{depth}", HEAD + text, words=("a.yaml",))
    text = "a0: &a0 {x: 1}\n"
    for at in range(1, 60):
        text += f"a{at}: &a{at} {{l: *a{at - 1}, r: *a{at - 1}}}\n"
    yield resource("alias-map", HEAD + text, words=("a.yaml",))
    yield resource("alias-of-itself", HEAD + "a: &a [*a]\n", words=("a.yaml",))
    yield resource("alias-of-itself-in-map", HEAD + "a: &a\n  b: *a\n", words=("a.yaml",))
    yield resource("alias-of-nothing", HEAD + "a: *b\n", words=("a.yaml",))
    yield resource("alias-as-key", HEAD + "a: &a x\n*a : 1\n*a : 2\n")
    long = "x" * 1_000_000
    yield resource("alias-of-long-text", HEAD + f"a: &a {long}\nb: [" + ", ".join(["*a"] * 5000) + "]\n")
    yield resource("anchors-many", HEAD + "b:\n" + "".join(f"- &a{at} x\n" for at in range(100_000)), EITHER)
    yield resource("anchor-redefined", HEAD + "b:\n" + "- &a x\n- *a\n" * 50_000, EITHER)
    yield resource("anchor-name-long", HEAD + "b: &" + "a" * 1_000_000 + " x\n", EITHER)
    yield resource("merge-of-itself", HEAD + "a: &a\n  <<: *a\n", words=("a.yaml",))
    for width in (2, 9):
        text = "m0: &m0 {" + ", ".join(f"k{at}: v" for at in range(width)) + "}\n"
        for at in range(1, 50):
            text += f"m{at}: &m{at}\n  <<: [" + ", ".join([f"*m{at - 1}"] * width) + f"]\n  x{at}: 1\n"
        yield resource(f"merge-chain-{width}", HEAD + text, EITHER)
    wide = "m: &m {" + ", ".join(f"k{at}: v" for at in range(2000)) + "}\n"
    yield resource("merge-wide", HEAD + wide + "".join(f"n{at}: {{<<: *m}}\n" for at in range(2000)), words=("a.yaml",))
    yield resource("merge-of-scalar", HEAD + "a: {<<: 1}\n", words=("a.yaml",))
    for field in ("kustomization", "patch", "values"):
        text = "x0: &x0 [" + "a, " * 9 + "a]\n" + "".join(f"x{at}: &x{at} [" + ", ".join([f"*x{at - 1}"] * 9) + "]\n" for at in range(1, 12))
        if field == "kustomization":
            yield kustomization("alias-in-kustomization", "resources: [a.yaml]\n" + text, words=("kustomization.yaml",))
        elif field == "patch":
            yield kustomization("alias-in-patch", "resources: [a.yaml]\npatches: [{path: p.yaml}]\n", files={"p.yaml": HEAD + text}, words=("p.yaml",))
        else:
            yield kustomization("alias-in-configuration", "resources: [a.yaml]\nconfigurations: [c.yaml]\n", files={"c.yaml": text}, words=("c.yaml",))


def nesting():
    for depth in (90, 200, 400):
        yield resource(f"flow-depth-{depth}", HEAD + "b: " + "[" * depth + "]" * depth + "\n", EITHER)
        yield resource(f"block-depth-{depth}", HEAD + "b:\n" + "".join(" " * at + "a:\n" for at in range(1, depth)) + " " * depth + "x\n", EITHER)
    for depth in (1_000, 10_000, 100_000, 1_000_000):
        for kind, opened, closed in (("list", "[", "]"), ("map", "{a: ", "}"), ("dash", "- ", ""), ("question", "? ", ""), ("colon", "a: [b: ", "")):
            text = opened * depth + "1" + closed * depth
            yield resource(f"depth-{kind}-{depth}", HEAD + f"deep:\n  {text}\n", words=("a.yaml",))
            yield resource(f"depth-{kind}-{depth}-unclosed", HEAD + f"deep:\n  {opened * depth}", words=("a.yaml",))
    yield resource("depth-block-20000", HEAD + "b:\n" + "".join(" " * at + "a:\n" for at in range(1, 5000)), words=("a.yaml",))
    yield kustomization("depth-in-kustomization", "resources: " + "[" * 100_000, words=("kustomization.yaml",))
    yield kustomization("depth-in-patch", "resources: [a.yaml]\npatches:\n- patch: '" + "[" * 100_000 + "'\n", words=("kustomization.yaml",))
    yield kustomization("depth-in-json-patch", "resources: [a.yaml]\npatches:\n- target: {kind: ConfigMap}\n  patch: '" + "[" * 100_000 + "]" * 100_000 + "'\n", words=("kustomization.yaml",))
    yield kustomization("depth-in-replacement", "resources: [a.yaml]\nreplacements: [{path: r.yaml}]\n", files={"r.yaml": "{a: " * 100_000}, words=("r.yaml",))
    yield kustomization("depth-in-openapi", "resources: [a.yaml]\nopenapi: {path: o.json}\n", files={"o.json": '{"definitions": ' * 50_000}, words=("o.json",))
    yield kustomization("depth-in-crd", "resources: [a.yaml]\ncrds: [c.json]\n", files={"c.json": '{"a": ' * 50_000}, words=("c.json",))
    ops = "".join(f'- {{op: move, from: /data, path: /d}}\n- {{op: add, path: /data, value: {{}}}}\n- {{op: move, from: /d, path: /data/n}}\n' for _ in range(20_000))
    yield kustomization("depth-by-moves", "resources: [a.yaml]\npatches: [{path: p.yaml, target: {kind: ConfigMap}}]\n", files={"p.yaml": ops}, words=("p.yaml",))
    ops = "".join("- {op: add, path: " + "/data" + "/n" * at + ", value: {}}\n" for at in range(1, 2_000))
    yield kustomization("depth-by-adds", "resources: [a.yaml]\npatches: [{path: p.yaml, target: {kind: ConfigMap}}]\n", files={"p.yaml": ops}, words=("p.yaml",))
    path = ".".join(["n"] * 50_000)
    yield kustomization("depth-by-replacement", "resources: [a.yaml]\nreplacements:\n- source: {kind: ConfigMap, fieldPath: data.x}\n  targets: [{select: {kind: ConfigMap}, fieldPaths: [r.yaml], options: {create: true}}]\n".replace("r.yaml", path), words=("kustomization.yaml",))


def sizes():
    yield resource("scalar-15-megabytes", HEAD + "b: " + "x" * 15_000_000 + "\n", EITHER)
    yield resource("quoted-15-megabytes", HEAD + 'b: "' + "\\x41" * 3_500_000 + '"\n', EITHER)
    yield resource("quoted-unclosed-15-megabytes", HEAD + 'b: "' + "x" * 15_000_000, words=("a.yaml",))
    yield resource("single-quoted-unclosed-15-megabytes", HEAD + "b: '" + "x\n" * 7_000_000, words=("a.yaml",))
    yield resource("block-scalar-15-megabytes", HEAD + "b: |\n" + "  x\n" * 3_500_000, EITHER)
    yield resource("folded-15-megabytes", HEAD + "b: >\n" + "  x\n" * 3_500_000, EITHER)
    yield resource("comment-15-megabytes", HEAD + "# " + "x" * 15_000_000 + "\n", BUILDS)
    yield resource("comments-15-megabytes", HEAD + "#x\n" * 5_000_000, EITHER)
    yield resource("spaces-15-megabytes", HEAD + " " * 15_000_000 + "\n", EITHER)
    yield resource("breaks-15-megabytes", HEAD + "\n" * 15_000_000, EITHER)
    yield resource("tabs-15-megabytes", HEAD + "\t" * 15_000_000, EITHER)
    yield resource("returns-15-megabytes", HEAD + "\r" * 15_000_000, EITHER)
    yield resource("key-15-megabytes", HEAD + "x" * 15_000_000 + ": 1\n", words=("a.yaml",))
    yield resource("number-15-megabytes", HEAD + "b: " + "1" * 15_000_000 + "\n", EITHER)
    yield resource("wide-list", HEAD + "b:\n" + "- x\n" * 3_500_000, EITHER)
    yield resource("wide-flow-list", HEAD + "b: [" + "x," * 1_000_000 + "]\n", EITHER)
    yield resource("wide-flow-list-of-lists", HEAD + "b: [" + "[]," * 5_000_000 + "]\n", EITHER)
    yield resource("wide-map", HEAD + "b:\n" + "".join(f"  k{at}: v\n" for at in range(800_000)), EITHER)
    yield resource("wide-map-of-equal-keys", HEAD + "b:\n" + "  k: v\n" * 1_000_000, words=("a.yaml",))
    yield resource("broken-at-the-end-15-megabytes", HEAD + "b:\n" + "- x\n" * 3_500_000 + "]\n", words=("a.yaml",))
    yield resource("broken-flow-15-megabytes", HEAD + "b: {" + "a: b, " * 2_500_000, words=("a.yaml",))
    yield resource("tagged-15-megabytes", HEAD + "b:\n" + "- !!str x\n" * 1_500_000, EITHER)
    yield resource("documents-many", b"---\n" * 3_000_000, EITHER)
    yield resource("documents-many-empty", (b"---\n# x\n") * 1_000_000, EITHER)
    yield resource("documents-many-full", b"".join(b"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a%d}\n" % at for at in range(60_000)), EITHER)
    yield resource("documents-many-same", b"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n" * 50_000, words=("a.yaml",))
    yield resource("document-of-17-megabytes", b"#" * (17 << 20), words=("a.yaml",))
    yield resource("list-kind-wide", b"apiVersion: v1\nkind: List\nitems:\n" + b"".join(b"- {apiVersion: v1, kind: ConfigMap, metadata: {name: a%d}}\n" % at for at in range(40_000)), EITHER)
    nested = b"{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}"
    for _ in range(90):
        nested = b"{apiVersion: v1, kind: List, items: [" + nested + b"]}"
    yield resource("list-kind-nested", nested, EITHER)
    doubled = b"&l0 {apiVersion: v1, kind: List, items: []}"
    yield resource("list-kind-doubled", b"apiVersion: v1\nkind: List\nitems:\n- " + doubled + b"\n" + b"".join(b"- &l%d {apiVersion: v1, kind: List, items: [*l%d, *l%d]}\n" % (at, at - 1, at - 1) for at in range(1, 30)), EITHER)
    for name in ("kustomization-17-megabytes",):
        yield kustomization(name, "#" * (17 << 20), words=("kustomization.yaml",))
    for count in (100_000,):
        yield kustomization("resources-many-missing", "resources:\n" + "".join(f"- r{at}.yaml\n" for at in range(count)), words=("kustomization.yaml",))
        yield kustomization("resources-many-same", "resources:\n" + "- a.yaml\n" * count)
        yield kustomization("patches-many", "resources: [a.yaml]\npatches:\n" + "- {target: {kind: Nothing}, patch: '[]'}\n" * count, EITHER)
        yield kustomization("images-many", "resources: [d.yaml]\nimages:\n" + "".join(f"- {{name: i{at}, newTag: x}}\n" for at in range(count)), EITHER)
        yield kustomization("replicas-many", "resources: [d.yaml]\nreplicas:\n" + "- {name: d, count: 1}\n" * count, EITHER)
        yield kustomization("labels-many", "resources: [a.yaml]\nlabels:\n" + "- {pairs: {a: b}}\n" * count, EITHER)
        yield kustomization("generators-many", "configMapGenerator:\n" + "".join(f"- {{name: g{at}}}\n" for at in range(count // 2)), EITHER)
        yield kustomization("generators-many-merged", "configMapGenerator: [{name: g}]\n" + "configMapGenerator:\n" + "- {name: g, behavior: merge, literals: [a=b]}\n" * 1000, EITHER)
        yield kustomization("literals-many", "configMapGenerator:\n- name: g\n  literals:\n" + "".join(f"  - k{at}=v\n" for at in range(count)), EITHER)
        yield kustomization("replacements-many", "resources: [a.yaml]\nreplacements:\n" + "- {source: {kind: ConfigMap, fieldPath: data.x}, targets: [{select: {kind: ConfigMap}, fieldPaths: [data.x]}]}\n" * 30_000, EITHER)
        yield kustomization("vars-many", "resources: [a.yaml]\nvars:\n" + "".join(f"- {{name: V{at}, objref: {{apiVersion: v1, kind: ConfigMap, name: a}}}}\n" for at in range(20_000)), EITHER)
        yield kustomization("vars-many-same", "resources: [a.yaml]\nvars:\n" + "- {name: V, objref: {apiVersion: v1, kind: ConfigMap, name: a}}\n" * 20_000, EITHER)
    big_patch = HEAD + "".join(f"k{at}: v\n" for at in range(300_000))
    yield kustomization("patch-of-300000-keys", "resources: [a.yaml]\npatches: [{path: p.yaml}]\n", EITHER, files={"p.yaml": big_patch})
    both = "".join(f"k{at}: v\n" for at in range(150_000))
    yield Case("patch-of-150000-keys-each", {"kustomization.yaml": "resources: [a.yaml]\npatches: [{path: p.yaml}]\n", "a.yaml": HEAD + both, "p.yaml": HEAD + both}, EITHER)
    containers = "".join(f"      - {{name: c{at}}}\n" for at in range(100_000))
    yield Case("patch-of-100000-containers", {"kustomization.yaml": "resources: [d.yaml]\npatches: [{path: p.yaml}]\n", "d.yaml": DEPLOYMENT.decode() + containers, "p.yaml": DEPLOYMENT.decode() + containers}, EITHER)
    finalizers = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  finalizers:\n" + "".join(f"  - f{at}\n" for at in range(100_000))
    yield Case("patch-of-100000-finalizers", {"kustomization.yaml": "resources: [a.yaml]\npatches: [{path: a.yaml}]\n", "a.yaml": finalizers}, EITHER)
    ops = "".join("- {op: add, path: /l/0, value: x}\n" for _ in range(150_000))
    yield Case("json-patch-of-150000-insertions", {"kustomization.yaml": "resources: [a.yaml]\npatches: [{path: p.yaml, target: {kind: ConfigMap}}]\n", "a.yaml": HEAD + "l: []\n", "p.yaml": ops}, EITHER)
    ops = "".join("- {op: remove, path: /l/0}\n" for _ in range(150_000))
    yield Case("json-patch-of-150000-removals", {"kustomization.yaml": "resources: [a.yaml]\npatches: [{path: p.yaml, target: {kind: ConfigMap}}]\n", "a.yaml": HEAD + "l:\n" + "- x\n" * 150_000, "p.yaml": ops}, EITHER)
    many = b"".join(b"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a%d}\n" % at for at in range(5_000))
    patches = "resources: [a.yaml]\npatches:\n" + "- {target: {name: '.*'}, patch: '[{op: add, path: /data, value: {a: b}}]'}\n" * 5_000
    yield Case("patches-times-resources", {"kustomization.yaml": patches, "a.yaml": many}, EITHER)
    names = "resources: [a.yaml]\nreplacements:\n" + "".join(f"- {{source: {{kind: ConfigMap, name: a{at}, fieldPath: metadata.name}}, targets: [{{select: {{kind: ConfigMap}}, fieldPaths: [data.x], options: {{create: true}}}}]}}\n" for at in range(3_000))
    yield Case("replacements-times-resources", {"kustomization.yaml": names, "a.yaml": many}, EITHER)
    labels = "resources: [a.yaml]\nlabels:\n" + "".join(f"- {{pairs: {{l{at}: v}}}}\n" for at in range(3_000))
    yield Case("labels-times-resources", {"kustomization.yaml": labels, "a.yaml": many}, EITHER)


def products():
    """Small things that many others repeat."""
    many = b"".join(b"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a%d}\n" % at for at in range(10_000))
    long = "x" * 1_000_000
    for field in ("namePrefix", "nameSuffix", "namespace"):
        yield Case(f"long-{field}-times-resources", {"kustomization.yaml": f"resources: [a.yaml]\n{field}: {long}\n", "a.yaml": many}, words=("kustomization.yaml",))
    for text, name in ((f"commonLabels: {{l: {long}}}", "labels"), (f"labels: [{{pairs: {{l: {long}}}}}]", "label-pairs"), (f"commonAnnotations: {{l: {long}}}", "annotations")):
        yield Case(f"long-{name}-times-resources", {"kustomization.yaml": f"resources: [a.yaml]\n{text}\n", "a.yaml": many}, words=("kustomization.yaml",))
    pairs = ", ".join(f"l{at}: v" for at in range(20_000))
    yield Case("many-labels-times-resources", {"kustomization.yaml": f"resources: [a.yaml]\ncommonLabels: {{{pairs}}}\n", "a.yaml": many}, words=("kustomization.yaml",))
    overlays = {f"o{at}/kustomization.yaml": f"resources: [../base]\nnamePrefix: p{at}-\n" for at in range(300)}
    overlays["kustomization.yaml"] = "resources:\n" + "".join(f"- o{at}\n" for at in range(300))
    overlays["base/kustomization.yaml"] = "configMapGenerator: [{name: g, files: [big]}]\n"
    overlays["base/big"] = "x\n" * 500_000
    yield Case("generator-file-through-overlays", overlays, words=("kustomization",))
    overlays = {**overlays, "base/kustomization.yaml": "resources: [a.yaml]\n", "base/a.yaml": HEAD + "  big: " + "x" * 1_000_000 + "\n"}
    yield Case("large-resource-through-overlays", overlays, EITHER)
    patch = "- op: add\n  path: /data/b\n  value: " + "x" * 1_000_000 + "\n"
    yield Case("large-patch-times-resources", {"kustomization.yaml": "resources: [a.yaml]\npatches: [{path: p.yaml, target: {kind: ConfigMap}}]\n", "a.yaml": many.replace(b"}\n", b"}\ndata: {}\n"), "p.yaml": patch}, words=("kustomization.yaml",))
    patch = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {" + ", ".join(f"k{at}: v" for at in range(20_000)) + "}\n"
    yield Case("wide-patch-times-resources", {"kustomization.yaml": "resources: [a.yaml]\npatches: [{path: p.yaml, target: {kind: ConfigMap}}]\n", "a.yaml": many, "p.yaml": patch}, words=("kustomization.yaml",))
    image = "".join(f"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{at}}}\nspec: {{containers: [{{name: c, image: nginx}}]}}\n" for at in range(5_000))
    yield Case("long-image-times-resources", {"kustomization.yaml": f"resources: [a.yaml]\nimages: [{{name: nginx, newName: {long}}}]\n", "a.yaml": image}, words=("kustomization.yaml",))
    uses = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: c\n    args: [" + "$(V), " * 20_000 + "]\n"
    yield Case("long-var-times-uses", {"kustomization.yaml": "resources: [a.yaml, p.yaml]\nvars: [{name: V, objref: {apiVersion: v1, kind: ConfigMap, name: a}, fieldref: {fieldpath: data.x}}]\n", "a.yaml": HEAD.replace("x: z", "x: " + "y" * 100_000), "p.yaml": uses}, words=("kustomization.yaml",))
    uses = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: c\n    args: ['" + "$(V)" * 100_000 + "']\n"
    yield Case("long-var-in-one-text", {"kustomization.yaml": "resources: [a.yaml, p.yaml]\nvars: [{name: V, objref: {apiVersion: v1, kind: ConfigMap, name: a}, fieldref: {fieldpath: data.x}}]\n", "a.yaml": HEAD.replace("x: z", "x: " + "y" * 100_000), "p.yaml": uses}, words=("kustomization.yaml",))
    yield kustomization("vars-of-vars", "resources: [a.yaml]\nvars:\n- {name: A, objref: {apiVersion: v1, kind: ConfigMap, name: a}, fieldref: {fieldpath: data.x}}\nconfigurations: [c.yaml]\n", EITHER, files={"c.yaml": "varReference: [{path: data, kind: ConfigMap}]\n", "a.yaml": HEAD.replace("x: z", "x: $(A)$(A)")})
    origin = {f"o{at}/kustomization.yaml": f"resources: [../o{at - 1}]\nnameSuffix: -x\n" for at in range(1, 400)}
    yield Case("origins-through-overlays", {"o0/kustomization.yaml": "resources: [a.yaml]\n", "o0/a.yaml": many, **origin, "kustomization.yaml": "resources: [o399]\nbuildMetadata: [transformerAnnotations, originAnnotations]\n"}, EITHER)
    chain = {f"o{at}/kustomization.yaml": f"resources: [../o{at - 1}]\nnamePrefix: {'x' * 200}\n" for at in range(1, 400)}
    yield Case("prefixes-through-overlays", {"o0/kustomization.yaml": "resources: [a.yaml]\n", "o0/a.yaml": many, **chain, "kustomization.yaml": "resources: [o399]\n"}, EITHER)
    source = HEAD.replace("x: z", "x: " + "y" * 900_000)
    yield Case("replacement-of-long-text-times-resources", {"kustomization.yaml": "resources: [a.yaml, m.yaml]\nreplacements:\n- source: {kind: ConfigMap, name: a, fieldPath: data.x}\n  targets: [{select: {kind: ConfigMap}, fieldPaths: [data.y], options: {create: true}}]\n", "a.yaml": source, "m.yaml": many}, words=("kustomization.yaml",))
    envs = "".join(f"k{at}=" + "v" * 100 + "\n" for at in range(5_000))
    yield kustomization("env-file-many-times", "configMapGenerator:\n" + "".join(f"- {{name: g{at}, envs: [e.env]}}\n" for at in range(3_000)), files={"e.env": envs}, words=("kustomization.yaml",))
    yield kustomization("generator-file-many-times", "secretGenerator:\n" + "".join(f"- {{name: g{at}, files: [big]}}\n" for at in range(3_000)), files={"big": "x" * 1_000_000}, words=("kustomization.yaml",))
    odd = DEPLOYMENT.decode() + "        ports:\n        - {containerPort: 8301, protocol: TCP}\n        - {port: 8301, protocol: TCP}\n        - {containerPort: 8301, protocol: UDP}\n"
    patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, labels: {a: b}}\n"
    yield Case("items-without-keys-that-double", {"kustomization.yaml": "resources: [d.yaml]\npatches:\n" + "- path: p.yaml\n" * 60, "d.yaml": odd, "p.yaml": patch}, EITHER)
    wildcard = DEPLOYMENT.decode() + "".join(f"      - {{name: c{at}, image: i}}\n" for at in range(20_000))
    yield Case("replacement-with-wildcards", {"kustomization.yaml": "resources: [d.yaml]\nreplacements:\n- source: {kind: Deployment, fieldPath: spec}\n  targets: [{select: {kind: Deployment}, fieldPaths: ['spec.template.spec.containers.*.image']}]\n", "d.yaml": wildcard}, words=("kustomization.yaml",))


def patterns():
    for name, pattern in (("stars", "(a*)*" * 1000 + "b"), ("counted", "((a{100}){100}){100}"), ("nested-count", "(((((a{9}){9}){9}){9}){9}){9}"), ("groups", "(" * 100_000), ("alternatives", "|".join(["a"] * 200_000)), ("class", "[" + "a-z" * 100_000 + "]"), ("unicode", "\\pL{1000}"), ("unclosed", "("), ("look-ahead", "(?!a)"), ("back-reference", "(a)\\1"), ("nul", "\\x00+")):
        for place in ("patch", "replacement"):
            quoted = "'" + pattern + "'"
            if place == "patch":
                text = f"resources: [a.yaml]\npatches:\n- target: {{kind: ConfigMap, name: {quoted}}}\n  patch: '[]'\n"
            else:
                text = f"resources: [a.yaml]\nreplacements:\n- source: {{kind: ConfigMap, fieldPath: data.x}}\n  targets: [{{select: {{name: {quoted}}}, fieldPaths: [data.y]}}]\n"
            yield kustomization(f"pattern-{name}-in-{place}", text, EITHER)
        yield kustomization(f"pattern-{name}-in-images", f"resources: [d.yaml]\nimages: [{{name: '{pattern}', newTag: x}}]\n", EITHER)
    yield kustomization("selector-long", "resources: [a.yaml]\npatches:\n- target: {labelSelector: '" + ",".join(["a=b"] * 100_000) + "'}\n  patch: '[]'\n", EITHER)
    yield kustomization("selector-broken", "resources: [a.yaml]\npatches:\n- target: {labelSelector: 'a in ((('}\n  patch: '[]'\n", EITHER)


def inclusion():
    for field, kind in (("resources", "Kustomization"), ("components", "Component")):
        for width, depth in ((2, 40), (10, 12), (100, 4)):
            files = {"k0/kustomization.yaml": f"kind: {kind}\nnamePrefix: x\n"}
            for at in range(1, depth):
                for side in range(width):
                    files[f"k{at}/s{side}/kustomization.yaml"] = f"kind: {kind}\n{field}: [../../k{at - 1}]\nnameSuffix: -{side}\n"
                files[f"k{at}/kustomization.yaml"] = f"kind: {kind}\n{field}: [{', '.join(f's{side}' for side in range(width))}]\n"
            files["kustomization.yaml"] = f"{field}: [k{depth - 1}]\n"
            yield Case(f"diamond-of-{field}-{width}-{depth}", files, words=("kustomization.yaml",))
        chain = {f"k{at}/kustomization.yaml": f"kind: {kind}\n{field}: [../k{at - 1}]\n" for at in range(1, 3000)}
        yield Case(f"chain-of-{field}", {"k0/kustomization.yaml": f"kind: {kind}\n", **chain, "kustomization.yaml": f"{field}: [k2999]\n"}, words=("kustomization.yaml",))
        flat = {f"k{at}/kustomization.yaml": f"kind: {kind}\nnamePrefix: x\n" for at in range(3000)}
        yield Case(f"flat-{field}", {**flat, "a.yaml": CONFIG_MAP, "kustomization.yaml": f"{field}:\n" + "".join(f"- k{at}\n" for at in range(3000)) + ("resources: [a.yaml]\n" if field == "components" else "- a.yaml\n")}, EITHER)
        again = {f"k{at}/kustomization.yaml": f"kind: {kind}\n{field}: [../base]\n" for at in range(3000)}
        yield Case(f"again-{field}", {**again, "base/kustomization.yaml": f"kind: {kind}\nnamePrefix: x\n", "kustomization.yaml": f"{field}:\n" + "".join(f"- k{at}\n" for at in range(3000))}, EITHER)
        yield Case(f"cycle-of-{field}", {"kustomization.yaml": f"{field}: [a]\n", "a/kustomization.yaml": f"kind: {kind}\n{field}: [../b]\n", "b/kustomization.yaml": f"kind: {kind}\n{field}: [../a]\n"}, words=("kustomization.yaml",))
        yield Case(f"cycle-of-{field}-to-itself", {"kustomization.yaml": f"{field}: [.]\n"}, words=("kustomization.yaml",))
        yield Case(f"cycle-of-{field}-to-the-parent", {"app/kustomization.yaml": f"kind: {kind}\n{field}: [..]\n", "kustomization.yaml": f"{field}: [app]\n"}, words=("kustomization.yaml",))
        yield Case(f"cycle-of-{field}-by-detour", {"app/kustomization.yaml": f"kind: {kind}\n{field}: [../app/./../app/.]\n", "kustomization.yaml": f"{field}: [app]\n"}, words=("kustomization.yaml",))
    yield kustomization("cycle-of-generators", "generators: [g]\n", files={"g/kustomization.yaml": "generators: [../g]\n"}, words=("kustomization.yaml",))
    yield kustomization("cycle-of-transformers", "resources: [a.yaml]\ntransformers: [t]\n", files={"t/kustomization.yaml": "transformers: [../t]\n"}, words=("kustomization.yaml",))
    yield kustomization("cycle-of-validators", "resources: [a.yaml]\nvalidators: [.]\n", words=("kustomization.yaml",))
    yield kustomization("cycle-of-crds", "resources: [a.yaml]\ncrds: [c.json]\n", EITHER, files={"c.json": '{"x.A": {"Schema": {"properties": {"a": {"$ref": "x.A"}, "b": {"$ref": "x.B"}}}}, "x.B": {"Schema": {"properties": {"a": {"$ref": "x.A"}}}}}'})
    types = ", ".join(f'"x.T{at}": {{"Schema": {{"properties": {{"l": {{"$ref": "x.T{at + 1}"}}, "r": {{"$ref": "x.T{at + 1}"}}}}}}}}' for at in range(60))
    yield kustomization("doubling-crds", "resources: [a.yaml]\ncrds: [c.json]\n", EITHER, files={"c.json": "{" + types + "}"})
    yield kustomization("cycle-of-openapi", "resources: [a.yaml]\nopenapi: {path: o.json}\npatches: [{path: p.yaml}]\n", EITHER, files={"o.json": '{"definitions": {"v1.ConfigMap": {"properties": {"data": {"$ref": "#/definitions/v1.ConfigMap"}}, "x-kubernetes-group-version-kind": [{"group": "", "kind": "ConfigMap", "version": "v1"}]}}}', "p.yaml": HEAD})
    yield kustomization("cycle-of-vars", "resources: [a.yaml]\nvars:\n- {name: A, objref: {apiVersion: v1, kind: ConfigMap, name: a}, fieldref: {fieldpath: data.x}}\n- {name: B, objref: {apiVersion: v1, kind: ConfigMap, name: a}, fieldref: {fieldpath: data.y}}\n", EITHER, files={"a.yaml": HEAD.replace("x: z", "x: $(B)\n  y: $(A)")})


def cases():
    for group in (aliases, nesting, sizes, products, patterns, inclusion):
        yield from group()
