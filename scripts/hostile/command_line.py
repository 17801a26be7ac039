"""Odd arguments, standard input and output, and surroundings."""

import os

from .case import BROKEN_PIPE, BUILDS, CONFIG_MAP, EITHER, Case

FILES = {"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": CONFIG_MAP}


def line(name, arguments, outcome="refused", **more):
    return Case(name, more.pop("files", FILES), outcome, arguments=arguments, names_file=False, **more)


def arguments():
    for name, path in (("not-utf-8", b"\xff\xfe"), ("empty", ""), ("long", "x" * 5000), ("long-parts", "x/" * 50_000), ("line-break", "a\nb"), ("escape", "\x1b[2J"), ("bidi", "a\u202eb"), ("missing", "nowhere"), ("file", "a.yaml"), ("device", "/dev/null"), ("proc", "/proc/self/environ"), ("stdin", "/dev/stdin"), ("dash", "-"), ("url", "https://127.0.0.1:PORT/x"), ("file-url", "file:///etc"), ("dots", "../" * 3000), ("git", ".git")):
        for verb in ("build", "lint"):
            yield line(f"argument-{name}-{verb}", [verb, "--", path])
        yield line(f"argument-{name}-chdir", ["-C", path, "build"])
        # A file with manifests can be explained by itself.
        yield line(f"argument-{name}-explain", ["explain", "--", path, "ConfigMap/a"], BUILDS if name == "file" else "refused")
    for name, words in (("verb-unknown", ["frobnicate"]), ("verb-escape", ["\x1b[2J"]), ("verb-not-utf-8", [b"\xff"]), ("none", []), ("flag-unknown", ["build", "--frobnicate"]), ("flag-escape", ["build", "--\x1b[2J"]), ("flag-twice", ["build", "--at", "a", "--at", "b"]), ("too-many", ["build", *["x"] * 2000]), ("flag-value", ["build", "--load-restrictor", "x" * 100_000]), ("order", ["build", "--reorder", "\x1b[2J"]), ("kind-empty", ["explain", ".", ""]), ("kind-long", ["explain", ".", "x" * 100_000]), ("kind-odd", ["explain", ".", "\x1b[2J/\u202e"]), ("kind-bytes", ["explain", ".", b"\xff/\xff"]), ("format", ["build", "-o", ""]), ("chdir-loop", ["-C", "a.yaml", "build"])):
        yield line(f"arguments-{name}", words, EITHER if name == "format" else "refused")
    for name, revision in (("empty", ""), ("option", "--upload-pack=touch PWNED"), ("option-short", "-x"), ("range", "a..b"), ("path", "HEAD:a.yaml"), ("escape", "\x1b[2J"), ("long", "x" * 100_000), ("not-utf-8", b"\xff"), ("at", "@{-1}"), ("date", "@{1 year ago}"), ("regex", ":/" + "(a*)*" * 1000), ("carets", "HEAD" + "^" * 100_000), ("tildes", "HEAD~99999999999999999999"), ("braces", "HEAD^{/.*}"), ("nul", "HEAD "), ("zeros", "0" * 40), ("traversal", "../../../etc/passwd"), ("tree", "HEAD^{tree}")):
        for arguments in ([["build", ".", "--at", revision]] if not isinstance(revision, str) or not revision.startswith("-") else [["build", ".", "--at=" + revision], ["build", ".", "--at", revision]]):
            yield line(f"revision-{name}-{len(arguments)}", arguments)
        yield line(f"revision-{name}-affected", ["affected", revision])


def surroundings():
    yield line("stdin-closed", ["build", "."], BUILDS, stdin=b"")
    for name, text in (("manifests", CONFIG_MAP), ("bytes", b"\xff\xfe\0"), ("large", b"x" * (20 << 20)), ("nesting", b"[" * 1_000_000), ("empty", b"")):
        for verb in (["build", "-f", "-"], ["build", "-"], ["lint", "-f", "-"], ["lint", "-"]):
            yield line(f"stdin-{name}-{'-'.join(verb)}", verb, EITHER, stdin=text)
    for name, path in (("full", "/dev/full"), ("missing", "no/where.yaml"), ("directory-missing", "no/where/"), ("root", "/proc/x"), ("bytes", b"\xff/x"), ("long", "x" * 5000)):
        yield line(f"output-{name}", ["build", ".", "-o", path])
    def read_only(root):
        (root / "out").mkdir()
        (root / "out/v1_configmap_a.yaml").mkdir()
    yield line("output-over-directory", ["build", ".", "-o", "out"], make=read_only)
    def link(root):
        (root / "out").mkdir()
        os.symlink("../../outside/written", root / "out/v1_configmap_a.yaml")
    yield line("output-through-link", ["build", ".", "-o", "out"], EITHER, make=link, writes="/repository/out")
    yield line("no-home", ["build", "."], BUILDS, environment={"HOME": None})
    yield line("home-missing", ["build", "."], BUILDS, environment={"HOME": "/nonexistent"})
    yield line("path-empty", ["build", "."], BUILDS, environment={"PATH": ""})
    yield line("git-dir", ["build", "."], BUILDS, environment={"GIT_DIR": "/nonexistent", "GIT_CONFIG_GLOBAL": "/dev/zero"})
    yield line("term-odd", ["build", "."], BUILDS, environment={"TERM": "\x1b[2J", "COLUMNS": "0", "LANG": "x" * 10_000})
    yield line("columns-huge", ["--help"], BUILDS, environment={"COLUMNS": "99999999999999999999"})
    yield line("color-odd", ["build", "."], EITHER, environment={"GITOPS_COLOR": "\x1b[2J"})
    yield line("server-odd", ["get"], environment={"GITOPS_SERVER": "\x1b[2J:99999999"})
    yield line("state-odd", ["get"], environment={"GITOPS_STATE": "/dev/null"})
    yield line("no-repository", ["build", "."], EITHER, repository=False)


def outputs():
    large = {"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": CONFIG_MAP + b"  y: " + b"y" * 1_000_000 + b"\n"}
    trap = {"kustomization.yaml": "resources: [a.yaml]\nimages: [{name: none, newTag: x}]\n", "a.yaml": CONFIG_MAP}
    verbs = {"build": ["build", "."], "all": ["build", "--all", "."], "json": ["build", "--all", ".", "-o", "json"], "explain": ["explain", ".", "ConfigMap/a"], "annotated": ["explain", ".", "ConfigMap/a", "--all"], "help": ["--help"]}
    for name, words in verbs.items():
        yield line(f"broken-pipe-{name}", words, BUILDS, files=large, output=BROKEN_PIPE)
        yield line(f"full-disk-{name}", words, files=large, output="/dev/full")
    for form in ("human", "json", "sarif", "github"):
        yield line(f"broken-pipe-lint-{form}", ["lint", ".", "-o", form], EITHER, files=trap, output=BROKEN_PIPE)
        yield line(f"full-disk-lint-{form}", ["lint", ".", "-o", form], files=trap, output="/dev/full")


def read_only():
    def closed(root):
        (root / "out").mkdir(mode=0o555)
        root.chmod(0o555)
    def unreadable(name):
        def make(root):
            (root / name).chmod(0)
        return make
    def hidden(root):
        (root / "hidden").mkdir(mode=0)
    for name, words in {"build": ["build", "."], "all": ["build", "--all", "."], "lint": ["lint", "."], "explain": ["explain", ".", "ConfigMap/a"]}.items():
        yield line(f"read-only-{name}", words, BUILDS, make=closed, unprivileged=True)
        for file in FILES:
            yield line(f"unreadable-{file}-{name}", words, EITHER if name == "lint" else "refused", make=unreadable(file), unprivileged=True)
        outcome = BUILDS if name in ("build", "explain") else EITHER
        yield line(f"unreadable-directory-beside-{name}", words, outcome, make=hidden, unprivileged=True)
    for name, words in {"file": ["build", ".", "-o", "new.yaml"], "directory": ["build", ".", "-o", "out"], "all": ["build", "--all", ".", "-o", "out"], "all-new": ["build", "--all", ".", "-o", "new"]}.items():
        yield line(f"read-only-output-{name}", words, make=closed, unprivileged=True)


def cases():
    yield from arguments()
    yield from surroundings()
    yield from outputs()
    yield from read_only()
