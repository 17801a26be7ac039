"""Errors about files and values that hold secrets."""

import base64

from .case import CONFIG_MAP, EITHER, SECRET, Case, kustomization, resource

CODED = base64.b64encode(SECRET.encode()).decode()
HEAD = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n"

# What is wrong behind a Secret, on the line of the secret or on another.
BROKEN = {
    "colon": f"stringData:\n  p: {SECRET}: x\n",
    "quote": f"stringData:\n  p: \"{SECRET}\n",
    "single": f"stringData:\n  p: '{SECRET}\n",
    "list": f"stringData: [{SECRET}\n",
    "tab": f"stringData:\n\tp: {SECRET}\n",
    "tag": f"stringData:\n  p: !!int {SECRET}\n",
    "tag-float": f"stringData:\n  p: !!float {SECRET}\n",
    "binary": f"data:\n  p: !!binary '{SECRET}*'\n",
    "escape": f"stringData:\n  p: \"\\q{SECRET}\"\n",
    "tag-handle": f"stringData:\n  p: !{SECRET}!x y\n",
    "tag-own": f"stringData:\n  p: !{SECRET} y\n",
    "alias": f"stringData:\n  p: *{SECRET}\n",
    "duplicate": f"stringData:\n  p: {SECRET}\n  p: b{SECRET}\n",
    "key": f"stringData:\n  ? [{SECRET}]\n  : x\n",
    "merge": f"stringData:\n  <<: {SECRET}\n",
    "control": f"stringData:\n  p: {SECRET}\x01\n",
    "percent": f"stringData:\n  p: %{SECRET}\n",
    "at": f"stringData:\n  p: @{SECRET}\n",
    "block": f"stringData:\n  p: |{SECRET}\n    x\n",
    "indent": f"stringData:\n    p: x\n  {SECRET}\n",
    "conflict": f"<<<<<<< HEAD\nstringData: {{p: {SECRET}}}\n=======\n>>>>>>> x\n",
}


def manifests():
    for name, text in BROKEN.items():
        yield resource(f"secret-{name}", HEAD + text, EITHER if name in ("indent", "tag-float", "tag-own", "binary", "duplicate") else "refused")
        yield kustomization(f"secret-{name}-in-patch", "resources: [a.yaml]\npatches: [{path: p.yaml}]\n", EITHER, files={"p.yaml": HEAD + text})
        yield kustomization(f"secret-{name}-inline", "resources: [a.yaml]\npatches:\n- patch: |\n" + "".join(f"    {line}\n" for line in (HEAD + text).splitlines()), EITHER)
        yield resource(f"secret-{name}-behind-others", CONFIG_MAP.decode() + "---\n" + HEAD + text, EITHER)
    yield resource("secret-json", '{"kind": "Secret", "data": {"p": "' + SECRET + '", }}}')
    yield resource("secret-escaped-kind", 'apiVersion: v1\n"kin\\u0064": "Secre\\x74"\nmetadata: {name: s}\nstringData: {p: ' + SECRET + ": }x}\n")
    yield resource("secret-alias-kind", f"a: &a Secret\napiVersion: v1\nkind: *a\nmetadata: {{name: s}}\nstringData:\n  p: {SECRET}: x\n")
    yield resource("secret-external", f"apiVersion: example.com/v1\nkind: ExternalSecret\nmetadata: {{name: s}}\nspec: {{p: {SECRET}: x}}\n")
    yield resource("secret-sealed", f"apiVersion: bitnami.com/v1\nkind: SealedSecret\nmetadata: {{name: s}}\nspec:\n  p: {SECRET}: x\n")
    yield resource("secret-twice", HEAD + f"stringData: {{p: {SECRET}}}\n---\n" + HEAD + f"stringData: {{q: {SECRET}}}\n")
    yield resource("secret-in-utf-16", b"\xff\xfe" + (HEAD + f"stringData:\n  p: {SECRET}: x\n").encode("utf-16-le"))
    yield resource("secret-data-not-coded", HEAD + f"data: [{SECRET}]\n", EITHER, secret_in_output=True)


def generators():
    for name, entry in (("literal-without-equals", f"literals: [{SECRET}]"), ("literal-bad-key", f"literals: ['a b{SECRET}=x', 'c/d={SECRET}']"), ("literals-text", f"literals: {SECRET}"), ("literal-map", f"literals: [{{p: {SECRET}}}]"), ("literal-number", f"literals: [1, {SECRET}]"), ("literal-twice", f"literals: ['a={SECRET}', 'a={SECRET}']"), ("unknown-field", f"stuff: {SECRET}"), ("env", f"env: [{SECRET}]"), ("option", f"options: {SECRET}"), ("option-label", f"options: {{labels: [{SECRET}]}}"), ("type", f"type: [{SECRET}]")):
        yield kustomization(f"secret-generator-{name}", f"secretGenerator:\n- name: g\n  {entry}\n", EITHER, secret_in_output=True)
        yield kustomization(f"config-generator-{name}", f"configMapGenerator:\n- name: g\n  {entry}\n".replace(SECRET, "x"), EITHER)
    for name, text in (("no-equals", f"{SECRET} is it\n"), ("bad-key", f"a b={SECRET}\n"), ("empty-key", f"={SECRET}\n"), ("twice", f"a={SECRET}\na={SECRET}\n"), ("not-utf-8", f"a={SECRET}\xff\n".encode("latin-1")), ("export", f"export a={SECRET}\n"), ("dash", f"--{SECRET}={SECRET}\n")):
        for kind in ("secretGenerator", "configMapGenerator"):
            yield kustomization(f"env-file-{name}-{kind}", f"{kind}: [{{name: g, envs: [e.env]}}]\n", EITHER, files={"e.env": text}, secret_in_output=True)
    yield kustomization("secret-unclosed-generator", f"secretGenerator:\n- name: g\n  literals: [p={SECRET}\n")
    yield kustomization("secret-generator-bad-yaml", f"secretGenerator:\n- name: g\n  literals:\n  - p={SECRET}: x: y\n")
    yield kustomization("secret-generator-as-plugin", "generators: [g.yaml]\n", files={"g.yaml": f"apiVersion: builtin\nkind: SecretGenerator\nmetadata: {{name: g}}\nliterals: [{SECRET}]\n"})


def patches():
    secret = HEAD + f"stringData: {{p: {SECRET}}}\ndata: {{q: {CODED}}}\n"
    for name, patch in (("test", f"- {{op: test, path: /stringData/p, value: {SECRET}x}}"), ("path", f"- {{op: remove, path: /stringData/{SECRET}}}"), ("op", f"- {{op: {SECRET}, path: /stringData/p}}"), ("value", f"- {{op: add, path: /no/where, value: {SECRET}}}"), ("text", f"{SECRET}"), ("from", f"- {{op: copy, from: /stringData/{SECRET}, path: /stringData/r}}")):
        yield kustomization(f"secret-json-patch-{name}", f"resources: [s.yaml]\npatches:\n- target: {{kind: Secret}}\n  patch: |\n    {patch}\n", files={"s.yaml": secret}) if name in ("test", "value") else kustomization(f"secret-json-patch-{name}", f"resources: [s.yaml]\npatches:\n- target: {{kind: Secret}}\n  patch: |\n    {patch.replace(SECRET, 'other')}\n", EITHER, files={"s.yaml": secret}, secret_in_output=True)
    for name, replacement in (("shape", "{source: {kind: Secret, fieldPath: stringData}, targets: [{select: {kind: ConfigMap}, fieldPaths: [data.x]}]}"), ("path", "{source: {kind: Secret, fieldPath: stringData.p.q}, targets: [{select: {kind: ConfigMap}, fieldPaths: [data.x]}]}"), ("target", "{source: {kind: Secret, fieldPath: stringData.p}, targets: [{select: {kind: ConfigMap}, fieldPaths: [data.nowhere]}]}"), ("index", "{source: {kind: Secret, fieldPath: stringData.p, options: {delimiter: '3', index: 9}}, targets: [{select: {kind: ConfigMap}, fieldPaths: [data.x]}]}")):
        yield kustomization(f"secret-replacement-{name}", f"resources: [s.yaml, a.yaml]\nreplacements: [{replacement}]\n", EITHER, files={"s.yaml": secret}, secret_in_output=True)
    yield kustomization("secret-var", "resources: [s.yaml]\nvars: [{name: V, objref: {apiVersion: v1, kind: Secret, name: s}, fieldref: {fieldpath: stringData}}]\n", EITHER, files={"s.yaml": secret}, secret_in_output=True)
    yield kustomization("secret-shape", "resources: [s.yaml]\npatches: [{path: p.yaml}]\n", files={"s.yaml": secret, "p.yaml": HEAD + f"stringData: {{p: [{SECRET}]}}\n"})


def cases():
    for group in (manifests, generators, patches):
        yield from group()
