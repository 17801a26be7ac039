//! What is built in a benchmark: generated here, so that nothing has to be at hand, and real repositories where they
//! are.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use gitops_core::kustomize::{Probe, RenderOptions, render};
use gitops_core::tree::{FileTree, PathError, TreePath};

/// Files by their paths.
pub type Files = Vec<(String, String)>;

/// The directory of the kustomization to build in what [`overlay`] and [`base_and_overlay`] make.
pub const OVERLAY: &str = "overlay";

const HEAD: &str = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";

/// How many resources [`overlay`] makes of one application: ConfigMap, Deployment, Service and a generated
/// ConfigMap.
pub const RESOURCES_OF_AN_APPLICATION: usize = 4;

/// How many images the applications share.
const IMAGES: usize = 10;

/// One kustomization with one ConfigMap, in [`OVERLAY`].
pub fn one_config_map() -> Files {
    vec![
        (path("kustomization.yaml"), format!("{HEAD}resources:\n- config-map.yaml\n")),
        (
            path("config-map.yaml"),
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\ndata:\n  a: b\n".to_owned(),
        ),
    ]
}

/// A base of four resources, and in [`OVERLAY`] an overlay of it as teams write them, which adds a fifth: prefix,
/// namespace, labels, an image, a patch and a generated ConfigMap.
pub fn base_and_overlay() -> Files {
    let ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: app-00000\nspec:\n  rules:\n  \
                   - host: app.example.com\n    http:\n      paths:\n      - path: /\n        pathType: Prefix\n        \
                   backend:\n          service:\n            name: app-00000\n            port:\n              name: http\n";
    let base = format!("{HEAD}resources:\n- app.yaml\n- ingress.yaml\n");
    let overlay = format!(
        "{HEAD}resources:\n- ../base\nnamespace: shop\nnamePrefix: prod-\nlabels:\n- pairs:\n    env: prod\n\
         images:\n- name: example/service-0\n  newTag: 2.0.0\npatches:\n- path: patch.yaml\n\
         configMapGenerator:\n- name: app-00000-env\n  literals:\n  - REGION=eu-west-1\n"
    );
    vec![
        ("base/kustomization.yaml".to_owned(), base),
        ("base/app.yaml".to_owned(), application(0)),
        ("base/ingress.yaml".to_owned(), ingress.to_owned()),
        (path("kustomization.yaml"), overlay),
        (path("patch.yaml"), patch(0)),
    ]
}

/// A base of `applications` in a file each, every one with a generated ConfigMap that its Deployment reads, and in
/// [`OVERLAY`] an overlay that adds a prefix, labels, ten images and a strategic merge patch for each Deployment.
pub fn overlay(applications: usize) -> Files {
    let mut base = format!("{HEAD}resources:\n");
    let mut generators = "configMapGenerator:\n".to_owned();
    let mut patches = "patches:\n".to_owned();
    let mut files = vec![];
    for number in 0..applications {
        let name = name(number);
        let _ = writeln!(base, "- {name}.yaml");
        let _ = writeln!(
            generators,
            "- name: {name}-env\n  literals:\n  - REGION=eu-west-{}\n  - QUOTA={}",
            1 + number % 3,
            100 * (number + 1)
        );
        let _ = writeln!(patches, "- path: patches/{name}.yaml");
        files.push((format!("base/{name}.yaml"), application(number)));
        files.push((path(&format!("patches/{name}.yaml")), patch(number)));
    }
    let mut images = "images:\n".to_owned();
    for number in 0..IMAGES {
        let _ = writeln!(
            images,
            "- name: example/service-{number}\n  newName: registry.example.com/prod/service-{number}\n  newTag: 2.4.{number}"
        );
    }
    files.push(("base/kustomization.yaml".to_owned(), base + &generators));
    let transforms =
        "resources:\n- ../base\nnamePrefix: prod-\ncommonLabels:\n  env: prod\n  team: platform\n";
    files.push((path("kustomization.yaml"), format!("{HEAD}{transforms}{images}{patches}")));
    files
}

/// A kustomization in one of the public repositories of the conformance data: the repository and the directory.
pub type Real = (&'static str, &'static str);
/// Argo CD, highly available: 2 MB.
pub const ARGO_CD: Real = ("argoproj__argo-cd", "manifests/ha/cluster-install-with-hydrator");
/// Kube-prometheus: 5.8 MB, most of them dashboards.
pub const KUBE_PROMETHEUS: Real = ("prometheus-operator__kube-prometheus", "");

/// The root of a public repository and the directory in it, where the conformance data is: that of
/// `GITOPS_CONFORMANCE`, else the one beside the project.
pub fn real((repository, directory): Real) -> Option<(PathBuf, String)> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/conformance");
    let data = std::env::var_os("GITOPS_CONFORMANCE").map_or_else(beside, PathBuf::from);
    let root = data.join("realworld").join(repository).join("tree").canonicalize().ok()?;
    root.join(directory).is_dir().then(|| (root, directory.to_owned()))
}

/// The tree of all files below `root`.
pub fn load(root: &Path) -> io::Result<FileTree> {
    let mut tree = FileTree::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in directory.read_dir()? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else if let Some(name) = path.strip_prefix(root).ok().and_then(Path::to_str) {
                tree.add(name, std::fs::read(&path)?).map_err(io::Error::other)?;
            }
        }
    }
    Ok(tree)
}

/// The files that the kustomization in `directory` of `root` reads.
pub fn files_of(root: &Path, directory: &str) -> Result<Vec<PathBuf>, Box<dyn std::error::Error>> {
    let rendered = render(&load(root)?, &TreePath::parse(directory)?, &RenderOptions::default())?;
    let files = rendered.reads.probes().filter(|(_, probe)| matches!(probe, Probe::File(_)));
    Ok(files.map(|(path, _)| root.join(path.as_str())).collect())
}

/// The tree of `files`.
pub fn tree(files: &Files) -> Result<FileTree, PathError> {
    let mut tree = FileTree::new();
    files.iter().try_for_each(|(path, text)| tree.add(path, text))?;
    Ok(tree)
}

/// Writes `files` below `directory`.
pub fn write(files: &Files, directory: &Path) -> io::Result<()> {
    for (path, text) in files {
        let path = directory.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, text)?;
    }
    Ok(())
}

fn path(name: &str) -> String {
    format!("{OVERLAY}/{name}")
}

fn name(number: usize) -> String {
    format!("app-{number:05}")
}

/// A ConfigMap, a Deployment and a Service.
fn application(number: usize) -> String {
    include_str!("inputs/application.yaml")
        .replace("NAME", &name(number))
        .replace("PORT", &(8000 + number % 1000).to_string())
        .replace("IMAGE", &(number % IMAGES).to_string())
}

/// A strategic merge patch of one Deployment.
fn patch(number: usize) -> String {
    include_str!("inputs/patch.yaml")
        .replace("NAME", &name(number))
        .replace("REPLICAS", &(2 + number % 5).to_string())
        .replace("NUMBER", &number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_input_builds() {
        for (files, resources) in
            [(one_config_map(), 1), (base_and_overlay(), 5), (overlay(3), 3 * RESOURCES_OF_AN_APPLICATION)]
        {
            let root = TreePath::parse(OVERLAY).unwrap();
            let rendered = render(&tree(&files).unwrap(), &root, &RenderOptions::default()).unwrap();
            assert_eq!(rendered.objects.len(), resources);
        }
    }
}
