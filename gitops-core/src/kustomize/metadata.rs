//! `buildMetadata`: where a resource came from and what changed it, as annotations.

use std::fmt::Write as _;
use std::sync::Arc;

use super::kustomization::Text;
use super::remote::{RemoteRepository, shown_address};
use super::resource::Resource;
use crate::provenance::{NodeOrigin, Place, Provenance, Record};
use crate::yaml::{self, Node, Tag};

/// The annotation that says where a resource came from.
const ORIGIN: &str = "config.kubernetes.io/origin";
/// The annotation that says what changed it.
const TRANSFORMATIONS: &str = "alpha.config.kubernetes.io/transformations";

/// Where a resource was read, or what made or changed it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The file that it was read from.
    pub path: String,
    /// The repository that the file is in, without credentials; empty for the one that is built.
    pub repository: String,
    /// The revision of that repository, as written.
    pub revision: String,
    /// The file that configures the generator or transformer.
    pub configured_in: String,
    /// `apiVersion`, `kind`, `name` and `namespace` of the generator or transformer.
    pub configured_by: [String; 4],
}

impl Source {
    /// What `entry` names, written in a kustomization that stands here.
    pub(crate) fn append(&self, entry: &str) -> Self {
        match RemoteRepository::parse(entry) {
            None => Self { path: join(&self.path, entry), ..self.clone() },
            Some((repository, path)) => {
                let path = join("", &path);
                // What kustomize writes for the root of a repository.
                let path = if path.is_empty() { "notCloned".to_owned() } else { path };
                let repository =
                    RemoteRepository { address: shown_address(&repository.address), ..repository };
                let RemoteRepository { address, revision, .. } = repository;
                Self { path, repository: address, revision, ..Self::default() }
            }
        }
    }

    /// The generator or transformer that this file configures: its apiVersion, kind, name and namespace.
    pub(crate) fn configuring(self, configured_by: [&str; 4]) -> Self {
        let configured_by = configured_by.map(str::to_owned);
        Self { path: String::new(), configured_in: self.path, configured_by, ..self }
    }

    /// A plugin with a configuration of its own.
    pub(crate) fn plugin(config: &Resource) -> Option<Self> {
        let origin = config.tracking.as_ref()?.origin.as_ref()?;
        let api_version = config.root.str_at(&["apiVersion"]).unwrap_or_default();
        let configured_by = [api_version, config.kind(), config.name(), config.namespace()];
        Some(Self::clone(origin).configuring(configured_by))
    }

    /// The lines of YAML for it.
    fn lines(&self) -> Vec<String> {
        const NAMES: [&str; 4] = ["apiVersion", "kind", "name", "namespace"];
        let mut lines = vec![];
        let fields = [
            ("path", &self.path),
            ("repo", &self.repository),
            ("ref", &self.revision),
            ("configuredIn", &self.configured_in),
        ];
        for (field, text) in fields {
            if !text.is_empty() {
                lines.push(format!("{field}: {}", scalar(text)));
            }
        }
        if self.configured_by.iter().any(|text| !text.is_empty()) {
            lines.push("configuredBy:".to_owned());
        }
        for (name, text) in NAMES.iter().zip(&self.configured_by).filter(|(_, text)| !text.is_empty()) {
            lines.push(format!("  {name}: {}", scalar(text)));
        }
        lines
    }
}

/// One path after the other, without `.` and with `..` taken back where that can be.
fn join(base: &str, path: &str) -> String {
    let mut parts: Vec<&str> = vec![];
    for part in base.split('/').chain(path.split('/')) {
        match (part, parts.last()) {
            ("" | ".", _) => {}
            ("..", Some(last)) if *last != ".." => {
                parts.pop();
            }
            (part, _) => parts.push(part),
        }
    }
    parts.join("/")
}

fn scalar(text: &str) -> String {
    yaml::print_document(&Node::string(text)).unwrap_or_default().trim_end().to_owned()
}

/// Where a resource came from and what changed it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tracking {
    /// The origin.
    pub origin: Option<Arc<Source>>,
    /// The transformations in order.
    pub transformations: Vec<Arc<Source>>,
}

impl Tracking {
    /// The tracking of a resource that comes from `source`.
    pub(crate) fn from(source: Source) -> Self {
        Self { origin: Some(Arc::new(source)), transformations: vec![] }
    }

    /// Notes that `source` ran.
    pub(crate) fn add(tracking: &mut Option<Self>, source: &Arc<Source>) {
        let tracking = tracking.get_or_insert_default();
        if tracking.origin.is_none() {
            tracking.origin = Some(Arc::clone(source));
        } else {
            tracking.transformations.push(Arc::clone(source));
        }
    }
}

/// Which annotations and labels the root asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct BuildMetadata {
    origin: bool,
    transformations: bool,
    managed_by: bool,
}

impl BuildMetadata {
    /// The options of the field `buildMetadata`, and whether the label is wanted anyhow.
    pub(crate) fn new(options: &[Text], managed_by: bool) -> Self {
        let has = |name: &str| options.iter().any(|option| option.as_str() == name);
        Self {
            origin: has("originAnnotations"),
            transformations: has("transformerAnnotations"),
            managed_by: managed_by || has("managedByLabel"),
        }
    }

    /// Writes what was asked for into a resource that is done, and takes out what kustomize keeps to itself.
    ///
    /// `cause` is where the root asks for it.
    pub(crate) fn finish(self, resource: &mut Resource, cause: Option<Place>, provenance: &mut Provenance) {
        let tracking = resource.tracking.take().unwrap_or_default();
        let file = resource.place.file;
        let mut write = |root: &mut Node, path: &[&str], text: &str| {
            let previous = root.at(path).map(|node| NodeOrigin { origin: node.origin, file });
            let record = Record { place: None, cause, transformer: "buildMetadata", previous, source: None };
            root.set_at(path, Node::string(text).with_origin(provenance.add(record)));
        };
        if self.managed_by {
            let path = &["metadata", "labels", "app.kubernetes.io/managed-by"];
            write(&mut resource.root, path, "kustomize-v5.8.1");
        }
        clean(&mut resource.root, |key| {
            key == ORIGIN && !self.origin || key == TRANSFORMATIONS && !self.transformations
        });
        let mut set = |root: &mut Node, key: &str, text: &str| {
            write(root, &["metadata", "annotations", key], text);
        };
        if let Some(origin) = tracking.origin.filter(|_| self.origin) {
            set(&mut resource.root, ORIGIN, &(origin.lines().join("\n") + "\n"));
        }
        if self.transformations && !tracking.transformations.is_empty() {
            let mut text = String::new();
            for transformation in &tracking.transformations {
                for (at, line) in transformation.lines().iter().enumerate() {
                    // Writing to a string cannot fail.
                    let _ = writeln!(text, "{} {line}", if at == 0 { "-" } else { " " });
                }
            }
            set(&mut resource.root, TRANSFORMATIONS, &text);
        }
        refold(&mut resource.root);
    }
}

/// Prints and reads folded scalars anew, but annotations, which kustomize has written itself just before.
fn refold(root: &mut Node) {
    const PATH: &[&str] = &["metadata", "annotations"];
    if root.at(PATH).is_some_and(Node::is_partly_folded)
        && let Some(annotations) = root.at_mut(PATH)
    {
        annotations.forget_folding();
    }
    root.refold();
}

/// What kustomize keeps in annotations during a build, and takes out at the end.
const INTERNAL: &[&str] = &[
    "internal.config.kubernetes.io/previousKinds",
    "internal.config.kubernetes.io/previousNames",
    "internal.config.kubernetes.io/prefixes",
    "internal.config.kubernetes.io/suffixes",
    "internal.config.kubernetes.io/previousNamespaces",
    "internal.config.kubernetes.io/allowNameChange",
    "internal.config.kubernetes.io/allowKindChange",
    "internal.config.kubernetes.io/refBy",
    "internal.config.kubernetes.io/generatorBehavior",
    "internal.config.kubernetes.io/needsHashSuffix",
    "internal.config.kubernetes.io/path",
    "internal.config.kubernetes.io/index",
    "internal.config.kubernetes.io/seqindent",
    "internal.config.kubernetes.io/id",
    "internal.config.kubernetes.io/annotations-migration-resource-id",
    "config.kubernetes.io/path",
    "config.kubernetes.io/index",
    "config.k8s.io/id",
    "internal.config.kubernetes.io/helm-generated",
];

/// Takes internal annotations out, turns the values of the rest into strings, and drops empty annotations.
fn clean(root: &mut Node, dropped: impl Fn(&str) -> bool) {
    const PATH: &[&str] = &["metadata", "annotations"];
    let is_internal = |key: &str| INTERNAL.contains(&key) || dropped(key);
    let Some(annotations) = root.at(PATH) else { return };
    let is_clean = annotations.is_mapping()
        && !annotations.entries().is_empty()
        && annotations.entries().iter().all(|entry| {
            !is_internal(entry.key.text())
                && entry.value.as_scalar().is_some_and(|scalar| scalar.tag() == Tag::Str)
        });
    if is_clean {
        return;
    }
    let kept = annotations.entries().iter().filter(|entry| !is_internal(entry.key.text()));
    let kept: Vec<_> = kept
        .map(|entry| {
            let text = entry.value.text().unwrap_or_default();
            (entry.key.shared_text(), Node::string(text).with_origin(entry.value.origin))
        })
        .collect();
    if kept.is_empty() {
        if let Some(metadata) = root.get_mut("metadata") {
            metadata.remove("annotations");
        }
    } else {
        let origin = annotations.origin;
        root.set_at(PATH, Node::mapping(kept).with_origin(origin));
    }
}
