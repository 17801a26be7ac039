"""What leads out of the repository, to programs, to the network, or to what is no file."""

import os
import pathlib
import socket

from .case import BUILDS, CONFIG_MAP, EITHER, SECRET, Case, kustomization

# Where a kustomization can name a file, with `ENTRY` for its name.
FILES = {
    "resource": "resources: [ENTRY]\n",
    "patch": "resources: [a.yaml]\npatches: [{path: ENTRY}]\n",
    "strategic": "resources: [a.yaml]\npatchesStrategicMerge: [ENTRY]\n",
    "json": "resources: [a.yaml]\npatchesJson6902: [{target: {version: v1, kind: ConfigMap, name: a}, path: ENTRY}]\n",
    "generator-file": "configMapGenerator: [{name: g, files: [ENTRY]}]\n",
    "generator-file-with-key": "configMapGenerator: [{name: g, files: [\"k=ENTRY\"]}]\n",
    "secret-file": "secretGenerator: [{name: g, files: [ENTRY]}]\n",
    "env-file": "configMapGenerator: [{name: g, envs: [ENTRY]}]\n",
    "old-env-file": "configMapGenerator: [{name: g, env: ENTRY}]\n",
    "replacement": "resources: [a.yaml]\nreplacements: [{path: ENTRY}]\n",
    "configuration": "resources: [a.yaml]\nconfigurations: [ENTRY]\n",
    "crd": "resources: [a.yaml]\ncrds: [ENTRY]\n",
    "openapi": "resources: [a.yaml]\nopenapi: {path: ENTRY}\n",
    "transformer": "resources: [a.yaml]\ntransformers: [ENTRY]\n",
    "generator": "generators: [ENTRY]\n",
    "validator": "resources: [a.yaml]\nvalidators: [ENTRY]\n",
}
DIRECTORIES = {"resource": "resources: [ENTRY]\n", "component": "components: [ENTRY]\n", "base": "bases: [ENTRY]\n"}
VALUES = "helmCharts: [{name: c, valuesFile: ENTRY}]\n"

PATHS = {
    "absolute": "/etc/passwd",
    "parent": "../outside/secret.yaml",
    "many-parents": "../" * 100 + "etc/passwd",
    "parent-inside": "x/../../outside/secret.yaml",
    "home": "~/secret.yaml",
    "variable": "$HOME/secret.yaml",
    "git": ".git/config",
    "git-case": ".GIT/config",
    "git-dots": "./.git/./config",
    "git-short": "GIT~1/config",
    "git-trailing-dot": ".git./config",
    "git-stream": ".git::$INDEX_ALLOCATION/config",
    "git-zero-width": ".g\u200cit/config",
    "windows": "..\\\\outside\\\\secret.yaml",
    "drive": "C:\\\\Windows\\\\win.ini",
    "unc": "\\\\\\\\host\\\\share\\\\x",
    "percent": "%2e%2e/outside/secret.yaml",
    "double-percent": "%252e%252e%252foutside",
    "nul": "a.yaml\\0.txt",
    "empty": "",
    "dot": ".",
    "slash": "/",
    "slashes": "//etc/passwd",
    "proc": "/proc/self/environ",
    "proc-relative": "../../../../../../../../proc/self/environ",
    "device": "/dev/zero",
    "stdin": "/dev/stdin",
    "dash": "-",
    "long": "x" * 5000,
    "long-parts": "x/" * 5000 + "y",
    "spaces": "   ",
    "full-width": "\uff0e\uff0e\uff0foutside",
}

URLS = {
    "file": "file:///etc",
    "file-host": "file://localhost/etc/passwd",
    "ext": "ext::sh -c 'touch PWNED'",
    "ext-plus": "git+ext::sh -c touch% PWNED",
    "fd": "fd::17",
    "option": "--upload-pack=touch PWNED",
    "option-ssh": "ssh://-oProxyCommand=touch%20PWNED/x",
    "option-scp": "-oProxyCommand=touch PWNED:x",
    "scp-option": "git@-oProxyCommand=touch:PWNED",
    "output": "-o/tmp/PWNED",
    "loopback": "http://127.0.0.1:PORT/x.yaml",
    "loopback-git": "https://127.0.0.1:PORT/x.git?ref=main",
    "loopback-name": "http://localhost:PORT/x.yaml",
    "loopback-six": "http://[::1]:PORT/x.yaml",
    "loopback-number": "http://2130706433:PORT/x.yaml",
    "loopback-hex": "http://0x7f.1:PORT/x.yaml",
    "loopback-octal": "http://0177.0.0.1:PORT/x.yaml",
    "loopback-mapped": "http://[::ffff:127.0.0.1]:PORT/x.yaml",
    "any-address": "http://0.0.0.0:PORT/x.yaml",
    "metadata": "http://169.254.169.254/latest/meta-data/iam/",
    "metadata-six": "http://[fd00:ec2::254]/latest/",
    "private": "http://10.0.0.1/x.yaml",
    "git-protocol": "git://127.0.0.1:PORT/x",
    "ftp": "ftp://127.0.0.1:PORT/x",
    "password": f"https://u:{SECRET}@127.0.0.1:PORT/x?ref=main",
    "token": f"https://{SECRET}@127.0.0.1:PORT/x.git",
    "token-in-query": f"https://127.0.0.1:PORT/x?access_token={SECRET}",
    "ref-option": "https://127.0.0.1:PORT/x?ref=--upload-pack=touch%20PWNED",
    "ref-newline": "https://127.0.0.1:PORT/x?ref=a%0ab",
    "path-out": "https://127.0.0.1:PORT/x//../../etc?ref=main",
    "ssh": "ssh://git@127.0.0.1:PORT/x",
    "scheme": "javascript:alert(1)",
    "gopher": "gopher://127.0.0.1:PORT/_x",
    "data": "data:text/plain,a",
    "credentials-newline": f"https://u%0d%0aX:{SECRET}@127.0.0.1:PORT/",
}


def paths():
    for name, path in PATHS.items():
        entry = f'"{path}"'
        for where in ("resource", "patch", "generator-file", "env-file", "configuration"):
            text = FILES[where].replace("ENTRY", entry if '"' not in FILES[where] else path)
            yield kustomization(f"path-{name}-as-{where}", text, make=neighbours)
        yield kustomization(f"path-{name}-as-component", DIRECTORIES["component"].replace("ENTRY", entry), make=neighbours)
    for where, text in FILES.items():
        for name in ("absolute", "parent", "git"):
            yield kustomization(f"path-{name}-in-{where}", text.replace("ENTRY", PATHS[name]), make=neighbours)
    for where, text in DIRECTORIES.items():
        for name, path in (("outside", "../outside"), ("absolute", "/etc"), ("git", ".git"), ("root", "/"), ("hooks", ".git/hooks")):
            yield kustomization(f"directory-{name}-as-{where}", text.replace("ENTRY", path), make=neighbours)
    yield kustomization("values-outside", VALUES.replace("ENTRY", "../outside/secret.yaml"), make=neighbours)


def neighbours(root: pathlib.Path):
    outside = root.parent / "outside"
    outside.mkdir(exist_ok=True)
    (outside / "secret.yaml").write_text(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {SECRET}}}\n")
    (outside / "kustomization.yaml").write_text("resources: [secret.yaml]\n")
    hooks = root / ".git/hooks"
    hooks.mkdir(parents=True, exist_ok=True)
    (hooks / "kustomization.yaml").write_text(f"namePrefix: {SECRET}\n")


def link(target, name="f"):
    def make(root):
        neighbours(root)
        os.symlink(target, root / name)
    return make


def links():
    targets = {"outside": "../outside/secret.yaml", "absolute": "/etc/passwd", "itself": "f", "loop": "g", "nothing": "nothing", "git": ".git/config", "device": "/dev/zero", "proc": "/proc/self/environ", "directory": "..", "root": "/", "long": "x/" * 2000}
    for name, target in targets.items():
        for where in ("resource", "patch", "generator-file", "env-file", "openapi", "crd", "configuration"):
            def make(root, target=target):
                link(target)(root)
                os.symlink("f", root / "g")
            yield kustomization(f"link-to-{name}-as-{where}", FILES[where].replace("ENTRY", "f"), make=make)
        yield Case(f"link-to-{name}-as-kustomization", {"a.yaml": CONFIG_MAP}, make=link(target, "kustomization.yaml"))
    for where, text in DIRECTORIES.items():
        for name, target in (("outside", "../outside"), ("absolute", "/etc"), ("itself", "f"), ("parent", "."), ("git", ".git")):
            yield kustomization(f"link-to-directory-{name}-as-{where}", text.replace("ENTRY", "f"), make=link(target))
    yield kustomization("link-through-directory", "resources: [f/secret.yaml]\n", make=link("../outside"))
    yield kustomization("link-through-git", "configMapGenerator: [{name: g, files: [f/config]}]\n", make=link(".git"))
    def chain(root):
        for at in range(300):
            os.symlink(f"l{at + 1}", root / f"l{at}")
        os.symlink("a.yaml", root / "l300")
    yield kustomization("link-chain", "resources: [l0]\n", EITHER, make=chain)
    def many(root):
        for at in range(5000):
            os.symlink("f", root / f"l{at}")
    yield kustomization("links-beside", "resources: [a.yaml]\n", BUILDS, make=many)
    yield kustomization("link-inside", "resources: [f]\n", EITHER, make=link("a.yaml"))


def special():
    def pipe(path):
        os.mkfifo(path)
    def listen(path):
        # Below /proc the path is short, wherever temporary files are.
        parent = os.open(path.parent, os.O_RDONLY)
        try:
            socket.socket(socket.AF_UNIX).bind(f"/proc/self/fd/{parent}/{path.name}")
        finally:
            os.close(parent)
    def sparse(path):
        with open(path, "wb") as file:
            file.truncate(100 << 30)
    def large(path):
        with open(path, "wb") as file:
            file.truncate(17 << 20)
    def directory(path):
        path.mkdir()
    def unreadable(path):
        path.write_bytes(CONFIG_MAP)
        path.chmod(0)
    makers = {"pipe": pipe, "socket": listen, "sparse": sparse, "large": large, "directory": directory}
    if os.geteuid() != 0:
        makers["unreadable"] = unreadable
    for kind, maker in makers.items():
        for where, text in FILES.items():
            outcome = EITHER if kind == "directory" and where in ("resource", "generator", "transformer", "validator") else "refused"
            words = ("kustomization.yaml",) if outcome == "refused" else ()
            yield kustomization(f"{kind}-as-{where}", text.replace("ENTRY", "f"), outcome, words, make=lambda root, maker=maker: maker(root / "f"))
        yield Case(f"{kind}-as-kustomization", {"a.yaml": CONFIG_MAP}, make=lambda root, maker=maker: maker(root / "kustomization.yaml"))
        yield kustomization(f"{kind}-beside", "resources: [a.yaml]\n", BUILDS, make=lambda root, maker=maker: maker(root / "f"))
        def base(root, maker=maker):
            (root / "base").mkdir()
            maker(root / "base/kustomization.yaml")
        yield kustomization(f"{kind}-as-base", "resources: [base]\n", make=base)
        yield kustomization(f"{kind}-as-values", VALUES.replace("ENTRY", "f"), make=lambda root, maker=maker: maker(root / "f"))
    def git_pipe(root):
        os.mkfifo(root / ".git/HEAD")
    yield kustomization("pipe-in-git", "resources: [a.yaml]\n", EITHER, make=git_pipe)
    def wide(root):
        for at in range(20_000):
            (root / f"n{at}").touch()
    yield kustomization("directory-of-20000-files", "resources: [a.yaml]\n", BUILDS, make=wide)
    def heavy(root):
        for at in range(40):
            with open(root / f"n{at}.yaml", "wb") as file:
                file.truncate(15 << 20)
    yield kustomization("directory-of-600-megabytes", "resources: [a.yaml]\n", BUILDS, make=heavy)
    entries = ", ".join(f"n{at}.yaml" for at in range(40))
    yield kustomization("resources-of-600-megabytes", f"resources: [{entries}]\n", make=heavy)
    yield kustomization("generator-of-600-megabytes", f"configMapGenerator: [{{name: g, files: [{entries}]}}]\n", make=heavy)
    def deep(root):
        path = os.fsencode(root)
        for _ in range(700):
            path += b"/ab"
        os.makedirs(path)
    yield kustomization("directories-deep", "resources: [" + "ab/" * 700 + "]\n", EITHER, make=deep)


def remote():
    for name, url in URLS.items():
        quoted = '"' + url.replace('"', '\\"') + '"'
        for where in ("resource", "patch", "configuration", "openapi"):
            yield kustomization(f"url-{name}-as-{where}", FILES[where].replace("ENTRY", quoted))
        yield kustomization(f"url-{name}-as-component", DIRECTORIES["component"].replace("ENTRY", quoted))
        yield kustomization(f"url-{name}-as-argument", "resources: [a.yaml]\n", arguments=["build", "--", url], names_file=False)
    for name in ("loopback", "metadata", "password", "file", "ext", "option"):
        for where in ("generator-file", "env-file", "crd", "replacement", "transformer", "generator", "validator", "json", "strategic"):
            yield kustomization(f"url-{name}-as-{where}", FILES[where].replace('"k=ENTRY"', "ENTRY").replace("ENTRY", '"' + URLS[name] + '"'))
        yield kustomization(f"url-{name}-as-chart-repository", f'helmCharts: [{{name: c, repo: "{URLS[name]}", version: "1"}}]\n')


def plugins():
    script = "#!/bin/sh\ntouch PWNED\ntouch ../PWNED\n"
    function = "apiVersion: v1\nkind: F\nmetadata:\n  name: f\n  annotations:\n    config.kubernetes.io/function: |\n      "
    functions = {
        "exec": function + "exec: {path: ./run.sh}\n",
        "exec-absolute": function + "exec: {path: /bin/touch, args: [PWNED]}\n",
        "container": function + "container: {image: example.com/x, network: true}\n",
        "starlark": function + "starlark: {path: s.star}\n",
        "starlark-url": function + "starlark: {url: 'http://127.0.0.1:PORT/s.star'}\n",
        "old-annotation": function.replace("config.kubernetes.io/function", "config.k8s.io/function") + "exec: {path: ./run.sh}\n",
        "legacy": "apiVersion: someteam.example.com/v1\nkind: SedTransformer\nmetadata: {name: x}\nargsOneLiner: s/a/b/\n",
        "chart-inflator": "apiVersion: someteam.example.com/v1\nkind: ChartInflator\nmetadata: {name: x}\nchartName: minecraft\n",
        "helm-builtin": "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: x}\nname: c\nrepo: http://127.0.0.1:PORT/\nvaluesFile: ../outside/secret.yaml\n",
    }
    planted = {"run.sh": script, "s.star": "load('x')\n", "SedTransformer": script, "SedTransformer.so": script, "kustomize/plugin/someteam.example.com/v1/sedtransformer/SedTransformer": script, "plugin/someteam.example.com/v1/sedtransformer/SedTransformer.so": script, "charts/c/Chart.yaml": "name: c\n"}
    def executable(root):
        neighbours(root)
        for name in planted:
            (root / name).chmod(0o755)
    for name, text in functions.items():
        for field in ("generators", "transformers", "validators"):
            yield kustomization(f"plugin-{name}-in-{field}", f"resources: [a.yaml]\n{field}: [f.yaml]\n", files={**planted, "f.yaml": text}, make=executable, environment={"KUSTOMIZE_PLUGIN_HOME": "plugin"})
        yield kustomization(f"plugin-{name}-allowed", "resources: [a.yaml]\ntransformers: [f.yaml]\n", files={**planted, "f.yaml": text}, make=executable, arguments=["build", "--enable-alpha-plugins", "--enable-exec", "--network", "."])
        yield kustomization(f"plugin-{name}-inline", "resources: [a.yaml]\ntransformers:\n- |\n" + "".join(f"  {line}\n" for line in text.splitlines()), files=planted, make=executable)
    for name, text in (("charts", "helmCharts: [{name: c, repo: 'http://127.0.0.1:PORT/', version: '1'}]\n"), ("old", "helmChartInflationGenerator: [{chartName: c}]\n"), ("home", "helmGlobals: {chartHome: ../outside}\nhelmCharts: [{name: c}]\n"), ("option", "helmCharts: [{name: --help, releaseName: --debug}]\n"), ("post-render", "helmCharts: [{name: c, extraValuesFiles: [/etc/passwd]}]\n")):
        yield kustomization(f"helm-{name}", text, files=planted, make=executable)


def cases():
    for group in (paths, links, special, remote, plugins):
        yield from group()
