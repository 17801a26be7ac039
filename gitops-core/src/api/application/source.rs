//! Where an application's manifests come from.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::super::ApiError;
use super::super::reader::Reader;
use crate::yaml::Node;

/// One source of manifests.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ApplicationSource {
    /// URL of the repository.
    pub repo_url: SmolStr,
    /// Folder in the repository.
    pub path: SmolStr,
    /// Branch, tag, commit or version range; empty means `HEAD`.
    pub target_revision: SmolStr,
    /// Name of a Helm chart, where the repository is one of charts.
    pub chart: SmolStr,
    /// Name by which other sources refer to this one's files.
    pub reference: SmolStr,
    /// Name of the source.
    pub name: SmolStr,
    /// What is changed in a kustomization before it is built.
    pub kustomize: Option<KustomizeOverrides>,
    /// Options of a Helm chart, as written.
    pub helm: Option<Node>,
    /// Options of a plain directory, as written.
    pub directory: Option<Node>,
    /// Options of a plugin, as written.
    pub plugin: Option<Node>,
    /// The whole source as written, for the status.
    pub written: Option<Node>,
}

/// What is changed in a kustomization before it is built.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct KustomizeOverrides {
    /// Put before every name.
    pub name_prefix: SmolStr,
    /// Put after every name.
    pub name_suffix: SmolStr,
    /// Namespace of every namespaced object.
    pub namespace: SmolStr,
    /// Images to replace, in the form of `kustomize edit set image`.
    pub images: Vec<SmolStr>,
    /// Replica counts to set.
    pub replicas: Vec<ReplicaOverride>,
    /// Labels to set.
    pub labels: LabelOverrides,
    /// Annotations to set.
    pub common_annotations: BTreeMap<SmolStr, SmolStr>,
    /// Whether annotations replace those of the kustomization.
    pub force_common_annotations: bool,
    /// Whether build variables in annotations are replaced.
    pub common_annotations_envsubst: bool,
    /// Components to add.
    pub components: Vec<SmolStr>,
    /// Whether components that are not there are passed over.
    pub ignore_missing_components: bool,
    /// Patches to add, as written.
    pub patches: Vec<Node>,
}

/// Labels to set on every object.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct LabelOverrides {
    /// The labels.
    pub common: BTreeMap<SmolStr, SmolStr>,
    /// Whether they replace those of the kustomization.
    pub force: bool,
    /// Whether selectors are left alone.
    pub without_selector: bool,
    /// Whether templates get them too, where selectors are left alone.
    pub include_templates: bool,
}

/// A replica count to set.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ReplicaOverride {
    /// Name of the objects.
    pub name: SmolStr,
    /// How many replicas.
    pub count: i64,
}

impl ApplicationSource {
    /// The revision to resolve: `HEAD` where none is written.
    pub fn revision(&self) -> &str {
        if self.target_revision.is_empty() { "HEAD" } else { &self.target_revision }
    }

    /// The source as the status writes it.
    pub fn to_node(&self) -> Node {
        if let Some(written) = &self.written {
            return written.clone();
        }
        super::Fields::default()
            .always("repoURL", Node::string(self.repo_url.clone()))
            .text("path", &self.path)
            .text("targetRevision", &self.target_revision)
            .text("chart", &self.chart)
            .text("ref", &self.reference)
            .text("name", &self.name)
            .into_node()
    }

    /// Whether two sources render the same from the same revision: everything but the revision is equal.
    pub fn same_parameters(&self, other: &Self) -> bool {
        let without_revision = |source: &Self| {
            let mut node = source.to_node();
            node.remove("targetRevision");
            node
        };
        without_revision(self) == without_revision(other)
    }

    pub(super) fn read(source: &Reader<'_>) -> Result<Self, ApiError> {
        let raw = |key: &str| Ok::<_, ApiError>(source.field(key)?.raw().cloned());
        let kustomize = source.field("kustomize")?;
        Ok(Self {
            repo_url: source.field("repoURL")?.required_text()?,
            path: source.field("path")?.text_or_empty()?,
            target_revision: source.field("targetRevision")?.text_or_empty()?,
            chart: source.field("chart")?.text_or_empty()?,
            reference: source.field("ref")?.text_or_empty()?,
            name: source.field("name")?.text_or_empty()?,
            kustomize: if kustomize.is_set() { Some(KustomizeOverrides::read(&kustomize)?) } else { None },
            helm: raw("helm")?,
            directory: raw("directory")?,
            plugin: raw("plugin")?,
            written: source.raw().cloned(),
        })
    }
}

impl KustomizeOverrides {
    fn read(kustomize: &Reader<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            name_prefix: kustomize.field("namePrefix")?.text_or_empty()?,
            name_suffix: kustomize.field("nameSuffix")?.text_or_empty()?,
            namespace: kustomize.field("namespace")?.text_or_empty()?,
            images: kustomize.field("images")?.texts()?,
            replicas: kustomize.field("replicas")?.each(ReplicaOverride::read)?.unwrap_or_default(),
            labels: LabelOverrides {
                common: kustomize.field("commonLabels")?.text_map()?,
                force: kustomize.field("forceCommonLabels")?.flag()?,
                without_selector: kustomize.field("labelWithoutSelector")?.flag()?,
                include_templates: kustomize.field("labelIncludeTemplates")?.flag()?,
            },
            common_annotations: kustomize.field("commonAnnotations")?.text_map()?,
            force_common_annotations: kustomize.field("forceCommonAnnotations")?.flag()?,
            common_annotations_envsubst: kustomize.field("commonAnnotationsEnvsubst")?.flag()?,
            components: kustomize.field("components")?.texts()?,
            ignore_missing_components: kustomize.field("ignoreMissingComponents")?.flag()?,
            patches: kustomize
                .field("patches")?
                .each(|patch| patch.raw().cloned().ok_or_else(|| patch.missing()))?
                .unwrap_or_default(),
        })
    }
}

impl ReplicaOverride {
    fn read(item: &Reader<'_>) -> Result<Self, ApiError> {
        let count = item.field("count")?;
        // The field is an int-or-string: a quoted number counts too.
        let number = match count.raw().and_then(Node::as_str) {
            Some(text) => text.parse().map_err(|_| count.value_error(format!("`{text}` is not a number")))?,
            None => count.integer()?.ok_or_else(|| count.missing())?,
        };
        Ok(Self { name: item.field("name")?.required_text()?, count: number })
    }
}
