//! Helm charts: `gitops build --enable-helm` and `kubectl kustomize --enable-helm` run the same `helm` on the same
//! charts, and print the same bytes.
//!
//! `helm` and `kubectl` have to be there under `GITOPS_REQUIRE=1`; without them the comparison is skipped.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it skips"
)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const FILES: &[(&str, &str)] = &[
    ("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
    (
        "charts/web/values.yaml",
        "replicas: 1\nimage: {name: nginx, tag: \"1\"}\nlist: [a, b]\nbig: 10000000\nratio: 0.5\nword: yes\nnested: {a: {b: 1, c: 2}}\n",
    ),
    ("charts/web/templates/_helpers.tpl", "{{- define \"web.name\" -}}{{ .Release.Name }}-web{{- end -}}\n"),
    (
        "charts/web/templates/all.yaml",
        "apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include \"web.name\" . }}
  namespace: {{ .Release.Namespace }}
spec:
  replicas: {{ .Values.replicas }}
  template:
    spec:
      containers:
      - name: web
        image: {{ .Values.image.name }}:{{ .Values.image.tag }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: values
data:
  all: {{ toJson .Values | quote }}
  kube: {{ .Capabilities.KubeVersion.Version }}
  has: {{ .Capabilities.APIVersions.Has \"x.example.com/v1\" | quote }}
  file: {{ .Files.Get \"files/data.txt\" | quote }}
",
    ),
    ("charts/web/files/data.txt", "hello\n"),
    (
        "charts/web/templates/tests/test.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: t\n  annotations: {\"helm.sh/hook\": test}\n",
    ),
    (
        "charts/web/templates/hook.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: h\n  annotations: {\"helm.sh/hook\": pre-install}\n",
    ),
    (
        "charts/web/crds/crd.yaml",
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: xs.example.com}\n",
    ),
    ("other/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 2.0.0\n"),
    ("other/web/values.yaml", "other: true\n"),
    ("other/web/templates/s.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: {{ .Release.Name }}}\n"),
    ("charts/web-1.0.0/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
    ("charts/web-1.0.0/web/values.yaml", ""),
    ("charts/web-1.0.0/web/templates/s.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: versioned}\n"),
    ("values.yaml", "image: {tag: \"from-file\"}\nlist: [z]\n"),
    ("more.yaml", "more: true\n"),
    (
        "generator.yaml",
        "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: made}\nname: web\nreleaseName: gen\nvaluesInline: {replicas: 4}\n",
    ),
    (
        "base/kustomization.yaml",
        "helmCharts: [{name: web, releaseName: r}]\nhelmGlobals: {chartHome: ../other}\n",
    ),
];

/// A kustomization of each sort.
const BUILDS: &[&str] = &[
    "helmCharts: [{name: web, releaseName: r}]\n",
    "helmCharts: [{name: web, releaseName: r}]\nnamespace: prod\nnamePrefix: p-\nbuildMetadata: [originAnnotations, transformerAnnotations]\n",
    "helmCharts: [{name: web, releaseName: r, namespace: own}]\nnamespace: prod\nconfigMapGenerator: [{name: g, literals: [a=b]}]\n",
    "helmCharts: [{name: web, releaseName: r, includeCRDs: true, skipTests: true, skipHooks: true}]\n",
    "helmCharts: [{name: web, releaseName: r, apiVersions: [x.example.com/v1], kubeVersion: '1.30'}]\n",
    "helmCharts: [{name: web, nameTemplate: named}]\n",
    "helmCharts: [{name: web, releaseName: r, valuesInline: {image: {tag: 2}, list: [c], nested: {a: {b: null}}, new: x}}]\n",
    "helmCharts: [{name: web, releaseName: r, valuesMerge: merge, valuesInline: {image: {tag: 2}, list: [c], new: x, word: no}}]\n",
    "helmCharts: [{name: web, releaseName: r, valuesMerge: replace, valuesInline: {image: {tag: 2}, list: [c]}}]\n",
    "helmCharts: [{name: web, releaseName: r, valuesFile: values.yaml, additionalValuesFiles: [more.yaml]}]\n",
    "helmCharts: [{name: web, releaseName: r, valuesFile: values.yaml, valuesInline: {list: [q], big: 12345678}}]\n",
    "helmGlobals: {chartHome: other}\nhelmCharts: [{name: web, releaseName: a}, {name: web, releaseName: b}]\n",
    "helmCharts: [{name: web, releaseName: r, version: 1.0.0, repo: 'https://charts.example.com'}]\n",
    "helmChartInflationGenerator: [{chartName: web, releaseName: old, chartHome: other, values: values.yaml}]\n",
    "generators: [generator.yaml]\nbuildMetadata: [originAnnotations]\n",
    "helmCharts: [{name: web, releaseName: r}]\npatches: [{patch: '{apiVersion: v1, kind: ConfigMap, metadata: {name: values}, data: {all: x}}'}]\nimages: [{name: nginx, newTag: '9'}]\n",
];

/// Kustomizations that both refuse, with a word of our error.
const REFUSED: &[(&str, &str)] = &[
    ("helmCharts: [{name: none, releaseName: r}]\n", "there is no chart at `charts/none`"),
    ("helmCharts: [{releaseName: r}]\n", "the chart has no `name`"),
    ("helmCharts: [{name: web, valuesMerge: mix}]\n", "`valuesMerge` must be"),
    ("helmCharts: [{name: web, valuesFile: none.yaml}]\n", "`none.yaml` does not exist"),
    ("helmCharts: [{name: web, unknown: 1}]\n", "unknown field `unknown`"),
    ("helmCharts: [{name: web, releaseName: 'Not A Name'}]\n", "`helm template` failed"),
];

/// Whether a program is there; that it is not is a failure where it has to be.
fn is_there(program: &str, argument: &str) -> bool {
    let found = Command::new(program).arg(argument).output().is_ok();
    let is_required = std::env::var_os("GITOPS_REQUIRE").is_some_and(|value| value == "1");
    assert!(found || !is_required, "there is no {program}");
    if !found {
        println!("skipped: there is no {program}");
    }
    found
}

/// A repository with the charts.
fn world() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join(".git")).unwrap();
    for (path, text) in FILES {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

fn gitops(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gitops"));
    command.arg("build").args(arguments).arg(directory).env("NO_COLOR", "1");
    command.env("XDG_CACHE_HOME", directory.join("cache")).output().unwrap()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_chart_is_rendered_as_kustomize_renders_it() {
    if !is_there("helm", "version") || !is_there("kubectl", "help") {
        return;
    }
    let root = world();
    let before = listing(root.path());
    let load = "--load-restrictor=LoadRestrictionsNone";
    let overlay = "resources: [base]\nnamespace: outer\n";
    let all = BUILDS.iter().map(|text| (*text, vec![])).chain([(overlay, vec![load])]);
    for (kustomization, flags) in all {
        fs::write(root.path().join("kustomization.yaml"), kustomization).unwrap();
        let flags = [&["--enable-helm"], flags.as_slice()].concat();
        let built = gitops(root.path(), &flags);
        assert!(built.status.success(), "{kustomization}: {}", text(built.stderr));
        let expected =
            Command::new("kubectl").arg("kustomize").args(&flags).arg(root.path()).output().unwrap();
        assert!(expected.status.success(), "{kustomization}: {}", text(expected.stderr));
        assert_eq!(text(built.stdout), text(expected.stdout), "{kustomization}");
    }
    fs::remove_file(root.path().join("kustomization.yaml")).unwrap();
    assert_eq!(listing(root.path()), before);
}

#[test]
fn what_kustomize_refuses_is_refused_with_its_place() {
    if !is_there("helm", "version") {
        return;
    }
    let root = world();
    for (kustomization, word) in REFUSED {
        fs::write(root.path().join("kustomization.yaml"), kustomization).unwrap();
        let built = gitops(root.path(), &["--enable-helm"]);
        let error = text(built.stderr);
        assert_eq!(built.status.code(), Some(2), "{kustomization}: {error}");
        assert!(
            error.contains(word) && error.contains("kustomization.yaml:1:"),
            "`{word}` is not in {error}"
        );
        assert!(!error.contains("gitops-helm-"), "{error}");
    }
}

#[test]
fn no_program_runs_unless_it_is_allowed() {
    let root = world();
    let program = root.path().join("program");
    fs::write(&program, "#!/bin/sh\ntouch ran\n").unwrap();
    let chart = "helmCharts: [{name: web, releaseName: r}]\n";
    let option = "helmCharts: [{name: web, releaseName: '--post-renderer=./program'}]\n";
    let pull = "helmCharts: [{name: x, releaseName: r, repo: 'http://127.0.0.1:1/charts'}]\n";
    for (kustomization, flags, words) in [
        (chart, vec![], ["only where that is allowed", "--enable-helm"]),
        (option, vec!["--enable-helm"], ["must not start with `-`", "kustomization.yaml:1:"]),
        (pull, vec!["--enable-helm"], ["127.0.0.1, a loopback address", "--allow-private-sources"]),
        (
            chart,
            vec!["--enable-helm", "--helm-command", "no-such-helm"],
            ["there is no program `no-such-helm`", "kustomization.yaml:1:"],
        ),
    ] {
        fs::write(root.path().join("kustomization.yaml"), kustomization).unwrap();
        let built = gitops(root.path(), &flags);
        let error = text(built.stderr);
        assert_eq!(built.status.code(), Some(2), "{error}");
        for word in words {
            assert!(error.contains(word), "`{word}` is not in {error}");
        }
    }
    assert!(!root.path().join("ran").exists());
}

/// The files below a directory.
fn listing(directory: &Path) -> Vec<String> {
    let mut found = vec![];
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.display().to_string());
            }
        }
    }
    found.sort();
    found
}
