//! Guards of the house: layers, dependencies of the core, sizes of files.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The layer of each module of gitops-core. A module imports from lower layers only.
const LAYERS: &[(u8, &[&str])] = &[
    (0, &["time", "tree", "yaml", "diagnostic"]),
    (1, &["object", "provenance", "decision", "kind", "selector", "quantity", "glob"]),
    (2, &["patch", "diff", "health", "image", "metric", "api"]),
    (3, &["kustomize", "project", "sync", "rollout"]),
    (4, &["engine", "explain", "lint", "preview"]),
];

/// Imports between modules of one layer that the design names.
const SIBLINGS: &[(&str, &[&str])] = &[
    ("yaml", &["diagnostic"]),
    ("provenance", &["object"]),
    ("decision", &["object"]),
    ("api", &["health"]),
    ("diff", &["api"]),
    ("metric", &["api"]),
];

/// Libraries that must never reach the core: async runtimes, HTTP, Kubernetes, Git, TLS.
const BANNED_IN_CORE: &[&str] = &[
    "tokio",
    "async-std",
    "smol",
    "futures",
    "hyper",
    "reqwest",
    "axum",
    "rustls",
    "openssl",
    "kube",
    "kube-client",
    "k8s-openapi",
    "git2",
    "libgit2-sys",
    "gix",
    "aws-sdk-ecr",
    "aws-config",
    "rand",
];

/// The most direct dependencies that the core may have.
const MOST_DEPENDENCIES: usize = 12;

/// The most lines that a source file may have.
const MOST_LINES: usize = 600;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![];
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in
            std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The modules of the crate that `text` names in `crate::…` paths, outside of comments.
fn imports(text: &str) -> Vec<(usize, String)> {
    let mut found = vec![];
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        for part in code.split("crate::").skip(1) {
            let names = part.strip_prefix('{').map_or(vec![part], |list| list.split(',').collect());
            for name in names {
                let name: String = name
                    .trim()
                    .chars()
                    .take_while(|c| c.is_ascii_lowercase() || *c == '_' || c.is_ascii_digit())
                    .collect();
                if !name.is_empty() {
                    found.push((number + 1, name));
                }
            }
        }
    }
    found
}

/// Each import of `module` at `layer` that the table forbids.
fn climbing(module: &str, text: &str, layers: &BTreeMap<&str, u8>) -> Vec<String> {
    let Some(layer) = layers.get(module) else { return vec![format!("module `{module}` has no layer")] };
    let siblings = SIBLINGS.iter().find(|(name, _)| *name == module).map_or(&[][..], |(_, names)| names);
    imports(text)
        .into_iter()
        .filter(|(_, name)| name != module && !siblings.contains(&name.as_str()))
        .filter(|(_, name)| layers.get(name.as_str()).is_none_or(|imported| imported >= layer))
        .map(|(line, name)| format!("line {line}: `{module}` (layer {layer}) imports `{name}`"))
        .collect()
}

fn layers() -> BTreeMap<&'static str, u8> {
    LAYERS.iter().flat_map(|(layer, names)| names.iter().map(|name| (*name, *layer))).collect()
}

#[test]
fn no_import_climbs() {
    let source = workspace().join("gitops-core/src");
    let mut faults = vec![];
    for path in sources(&source) {
        let relative = path.strip_prefix(&source).unwrap();
        let first = relative.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        let module = first.strip_suffix(".rs").unwrap_or(&first);
        if module == "lib" {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        faults.extend(
            climbing(module, &text, &layers())
                .into_iter()
                .map(|fault| format!("{}: {fault}", relative.display())),
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn an_import_that_climbs_is_found() {
    let faults = climbing(
        "yaml",
        "use crate::{object::Object, diagnostic};\nlet x = crate::engine::run();",
        &layers(),
    );
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(climbing("nowhere", "", &layers()).len() == 1);
}

/// `cargo tree` of a package, one crate name a line.
fn dependencies(package: &str, depth: Option<&str>) -> Vec<String> {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(workspace()).args([
        "tree",
        "--offline",
        "-e",
        "normal",
        "--prefix",
        "none",
        "-p",
        package,
    ]);
    command.args(depth.map(|depth| ["--depth", depth]).into_iter().flatten());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().skip(1).filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn the_core_has_no_runtime_and_no_client() {
    let found: Vec<String> = dependencies("gitops-core", None)
        .into_iter()
        .filter(|name| BANNED_IN_CORE.contains(&name.as_str()))
        .collect();
    assert!(found.is_empty(), "gitops-core depends on {found:?}");
    let direct = dependencies("gitops-core", Some("1"));
    assert!(direct.len() <= MOST_DEPENDENCIES, "{} direct dependencies: {direct:?}", direct.len());
}

#[test]
fn adapters_do_not_see_the_binaries_and_the_ports_see_only_the_core() {
    let ours = |package: &str| -> Vec<String> {
        dependencies(package, None).into_iter().filter(|name| name.starts_with("gitops-")).collect()
    };
    assert!(ours("gitops-core").is_empty(), "gitops-core sees {:?}", ours("gitops-core"));
    assert!(ours("gitops-ports").iter().all(|name| name == "gitops-core"), "{:?}", ours("gitops-ports"));
    for adapter in ["gitops-git", "gitops-kubernetes", "gitops-registry", "gitops-prometheus"] {
        let allowed = ["gitops-core", "gitops-ports"];
        assert!(
            ours(adapter).iter().all(|name| allowed.contains(&name.as_str())),
            "{adapter}: {:?}",
            ours(adapter)
        );
    }
}

#[test]
fn files_stay_small() {
    let crates = ["gitops-core", "adapters", "gitops-bin", "benches", "e2e"];
    let long: Vec<String> = crates
        .iter()
        .flat_map(|folder| sources(&workspace().join(folder)))
        .filter_map(|path| {
            let lines = std::fs::read_to_string(&path).unwrap().lines().count();
            (lines > MOST_LINES).then(|| format!("{} has {lines} lines", path.display()))
        })
        .collect();
    assert!(long.is_empty(), "more than one idea in a file?\n{}", long.join("\n"));
}

#[test]
fn mains_are_thin() {
    for path in sources(&workspace().join("gitops-bin/src/bin")) {
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 40, "{} has {lines} lines", path.display());
    }
}
