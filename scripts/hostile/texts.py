"""Encodings, truncations, odd characters and wrong types."""

from .case import BUILDS, CONFIG_MAP, DEPLOYMENT, EITHER, Case, kustomization, resource

TEXT = CONFIG_MAP.decode()
KUSTOMIZATION = "resources: [a.yaml]\nnamePrefix: x-\n"

BYTES = {
    "empty": b"",
    "nul": b"\0",
    "nuls": b"\0" * 100_000,
    "bom-only": b"\xef\xbb\xbf",
    "boms": b"\xef\xbb\xbf" * 3 + CONFIG_MAP,
    "bom-inside": CONFIG_MAP + b"b: \xef\xbb\xbf\n",
    "latin-1": CONFIG_MAP + b"b: caf\xe9\n",
    "overlong-slash": CONFIG_MAP + b"b: \xc0\xaf\n",
    "overlong-nul": CONFIG_MAP + b"b: \xc0\x80\n",
    "surrogate": CONFIG_MAP + b"b: \xed\xa0\x80\n",
    "past-the-last": CONFIG_MAP + b"b: \xf4\x90\x80\x80\n",
    "cut-character": CONFIG_MAP + b"b: \xe2\x82",
    "continuation": b"\x80" * 1000,
    "all-bytes": bytes(range(256)) * 10,
    "utf-16-le-without-mark": TEXT.encode("utf-16-le"),
    "utf-16-odd": b"\xff\xfe" + TEXT.encode("utf-16-le") + b"x",
    "utf-16-lone-surrogate": b"\xff\xfe" + "a: ".encode("utf-16-le") + b"\x00\xd8\n\x00",
    "utf-32-le": b"\xff\xfe\0\0" + TEXT.encode("utf-32-le"),
    "utf-32-be": b"\0\0\xfe\xff" + TEXT.encode("utf-32-be"),
    "ebcdic": TEXT.encode("cp500"),
    "gzip": b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + bytes(200),
    "elf": b"\x7fELF\x02\x01\x01" + bytes(200),
    "escape": CONFIG_MAP + b"b: \x1b[31mred\n",
    "escape-title": CONFIG_MAP + b"b: \x1b]0;owned\x07\n",
    "c1": CONFIG_MAP + "b: \u009b31m\n".encode(),
    "delete": CONFIG_MAP + b"b: \x7f\n",
    "bell": CONFIG_MAP + b"b: \x07\n",
    "backspaces": CONFIG_MAP + b"b: x\x08\x08\x08\n",
    "non-character": CONFIG_MAP + "b: \ufffe\n".encode(),
}

# Fragments that are wrong, each behind a ConfigMap.
WRONG = {
    "tab-indent": "b:\n\tc: 1\n",
    "unclosed-list": "b: [1, 2\n",
    "unclosed-map": "b: {c: 1\n",
    "unclosed-quote": 'b: "c\n',
    "unclosed-single": "b: 'c\n",
    "bad-escape": 'b: "\\q"\n',
    "bad-unicode": 'b: "\\uZZZZ"\n',
    "bad-unicode-large": 'b: "\\UFFFFFFFF"\n',
    "two-colons": "b: c: d\n",
    "indent-back": "b:\n    c: 1\n  d: 2\n",
    "percent": "%\n",
    "at-sign": "b: @c\n",
    "backquote": "b: `c\n",
    "block-indent": "b: |99\n  x\n",
    "block-header": "b: |x\n  y\n",
    "tag-unknown": "b: !x/y {\n",
    "tag-wrong": "b: !!int x\n",
    "tag-binary-wrong": "b: !!binary '***'\n",
    "tag-float-wrong": "b: !!float x\n",
    "python-object": "b: !!python/object/apply:os.system [touch PWNED\n",
    "complex-key": "? [a, b]\n: c\n",
    "map-as-key": "? {a: b}\n: c\n",
    "key-without-value": "justtext\n",
    "merge-marker": "<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\n",
    "separator-with-words": "--- b: c\n",
    "alias-space": "b: * x\n",
    "anchor-alone": "b: &\n",
    "nan": "b: .nan\n",
    "infinity": "b: -.inf\n",
    "duplicate-key": "b: 1\nb: 2\n",
    "duplicate-kind": "kind: Secret\n",
    "number-as-key": "1: 2\n",
    "null-as-key": "~: 2\n",
    "null-character-escape": 'b: "\\0"\n',
}

# Values that have the wrong type for most fields.
VALUES = {"null": "~", "number": "1", "text": "x", "list": "[1]", "map": "{x: y}", "nested": "[[[]]]", "boolean": "true"}
FIELDS = ("resources", "components", "configMapGenerator", "secretGenerator", "generatorOptions", "patches", "patchesStrategicMerge",
          "patchesJson6902", "namePrefix", "namespace", "labels", "commonLabels", "commonAnnotations", "images", "replicas", "replacements",
          "vars", "configurations", "crds", "openapi", "transformers", "generators", "validators", "buildMetadata", "sortOptions",
          "metadata", "apiVersion", "kind", "helmCharts", "helmGlobals", "bases")


def encodings():
    for name, content in BYTES.items():
        outcome = EITHER if name in ("empty", "bom-only", "delete", "boms", "bom-inside", "utf-32-le") else "refused"
        yield resource(f"bytes-{name}-as-resource", content, outcome)
        yield Case(f"bytes-{name}-as-kustomization", {"kustomization.yaml": content, "a.yaml": CONFIG_MAP}, EITHER)
        yield kustomization(f"bytes-{name}-as-patch", "resources: [a.yaml]\npatches: [{path: p.yaml}]\n", EITHER, files={"p.yaml": content})
    for name in ("nuls", "latin-1", "escape", "all-bytes"):
        for field, entry in (("configurations", "[f]"), ("crds", "[f]"), ("openapi", "{path: f}"), ("replacements", "[{path: f}]"), ("transformers", "[f]"), ("generators", "[f]"), ("validators", "[f]")):
            yield kustomization(f"bytes-{name}-as-{field}", f"resources: [a.yaml]\n{field}: {entry}\n", files={"f": BYTES[name]})
        yield kustomization(f"bytes-{name}-as-env-file", "configMapGenerator: [{name: g, envs: [f]}]\n", EITHER, files={"f": BYTES[name]})
        yield kustomization(f"bytes-{name}-as-generator-file", "configMapGenerator: [{name: g, files: [f]}]\n", BUILDS, files={"f": BYTES[name]})
    for coding, mark in (("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")):
        yield resource(f"text-in-{coding}", mark + TEXT.encode(coding), BUILDS)
        yield Case(f"kustomization-in-{coding}", {"kustomization.yaml": mark + KUSTOMIZATION.encode(coding), "a.yaml": CONFIG_MAP}, EITHER)
    yield resource("text-with-bom", b"\xef\xbb\xbf" + CONFIG_MAP, BUILDS)
    yield resource("text-with-returns", TEXT.replace("\n", "\r\n"), BUILDS)
    yield resource("text-with-lone-returns", TEXT.replace("\n", "\r"), EITHER)
    yield resource("text-with-next-line", TEXT.replace("\n", "\u0085"), EITHER)
    yield resource("text-with-line-separators", TEXT.replace("\n", "\u2028"), EITHER)


def wrong():
    for name, text in WRONG.items():
        yield resource(f"wrong-{name}", TEXT + text, EITHER if name in ("number-as-key", "duplicate-kind", "indent-back", "tag-unknown", "null-character-escape", "tag-float-wrong") else "refused")
    for field in FIELDS:
        for name, value in VALUES.items():
            yield kustomization(f"field-{field}-{name}", f"{field}: {value}\n" + ("" if field == "resources" else "resources: [a.yaml]\n"), EITHER)
    for kind in ("resources", "patches", "images"):
        yield kustomization(f"field-{kind}-twice", f"{kind}: []\n{kind}: []\nresources: [a.yaml]\n".replace("resources: []\nresources: []\n", "resources: []\n"), EITHER)
    for name, text in (("metadata-list", "apiVersion: v1\nkind: ConfigMap\nmetadata: [a]\n"), ("metadata-text", "apiVersion: v1\nkind: ConfigMap\nmetadata: a\n"), ("name-number", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 1}\n"), ("name-map", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {}}\n"), ("name-empty", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ''}\n"), ("kind-absent", "apiVersion: v1\nmetadata: {name: a}\n"), ("kind-list", "apiVersion: v1\nkind: []\nmetadata: {name: a}\n"), ("list-at-top", "- a\n"), ("text-at-top", "hello\n"), ("number-at-top", "1\n"), ("html", "<!doctype html><p>not found</p>\n"), ("items-text", "apiVersion: v1\nkind: List\nitems: a\n"), ("items-of-texts", "apiVersion: v1\nkind: List\nitems: [a]\n"), ("labels-list", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: [a]}\n")):
        yield resource(f"manifest-{name}", text, EITHER)
        yield kustomization(f"manifest-{name}-changed", "resources: [m.yaml]\nnamePrefix: a-\nnamespace: n\ncommonLabels: {a: b}\ncommonAnnotations: {c: d}\nimages: [{name: x, newTag: y}]\n", EITHER, files={"m.yaml": text})


def truncations():
    whole = (TEXT + "e: \"q\\u00e9\"\nf: |\n  x\ng: {h: [1, 'i']}\nj: &a k\nl: *a\n").encode() + "m: é漢\n".encode()
    for at in range(7, len(whole), 9):
        yield resource(f"cut-manifest-{at}", whole[:at], EITHER)
    text = "resources: [a.yaml]\npatches:\n- target: {kind: ConfigMap}\n  patch: |-\n    - {op: add, path: /data/a, value: \"b\"}\nimages: [{name: a, newTag: 'b'}]\n"
    for at in range(5, len(text), 9):
        yield kustomization(f"cut-kustomization-{at}", text[:at], EITHER)
    json = '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"a": "b"}}'
    for at in range(4, len(json), 9):
        yield resource(f"cut-json-{at}", json[:at], EITHER)


def terminal():
    """Names that would speak to the terminal from inside an error."""
    odd = {"escape": "\x1b[2Jx", "title": "\x1b]0;owned\x07", "c1": "\u009b2J", "bidi": "a\u202egnp.yaml", "isolate": "\u2066a\u2069", "zero-width": "a\u200bb", "return": "a\rerror: none", "newline": "a\nerror: none", "tag": "\U000e0041x", "combining": "a" + "\u0301" * 5000, "bell": "\x07" * 50, "line-separator": "a\u2028error: none", "paragraph": "a\u2029b", "next-line": "a\u0085b", "backspace": "abc\x08\x08\x08"}
    for name, text in odd.items():
        quoted = '"' + "".join(f"\\U{ord(character):08x}" for character in text) + '"'
        for field, entry in (("resources", f"[{quoted}]"), ("components", f"[{quoted}]"), ("configMapGenerator", f"[{{name: g, files: [{quoted}]}}]"), ("patches", f"[{{path: {quoted}}}]")):
            yield kustomization(f"terminal-{name}-in-{field}", f"{field}: {entry}\n")
        yield kustomization(f"terminal-{name}-as-field", f"{quoted}: 1\nresources: [a.yaml]\n")
        yield kustomization(f"terminal-{name}-as-kind", f"resources: [a.yaml]\npatches: [{{target: {{kind: {quoted}, name: '('}}, patch: '[]'}}]\n", EITHER)
        yield resource(f"terminal-{name}-as-name", f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {quoted}}}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {quoted}}}\n")
        yield resource(f"terminal-{name}-as-key", TEXT + f"{quoted}: 1\n{quoted}: 2\n")
        if "\n" not in text and "\0" not in text and len(text) < 200:
            yield Case(f"terminal-{name}-as-file", {"kustomization.yaml": f"resources: [{quoted}]\n", text: b"a: [\n"})


def cases():
    for group in (encodings, wrong, truncations, terminal):
        yield from group()
