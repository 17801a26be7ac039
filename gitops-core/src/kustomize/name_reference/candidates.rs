//! Which renamed resource a reference means.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use crate::kustomize::field_spec::PathProblem;
use crate::kustomize::kustomization::Gvk;
use crate::kustomize::resource::{Resource, ResourceId};
use crate::provenance::NodeOrigin;
use crate::yaml::Node;

/// A resource that may be named, as it is called now and was before.
#[derive(Debug)]
pub(super) struct Candidate {
    /// Its name now.
    pub(super) name: SmolStr,
    /// Its namespace now, as written.
    pub(super) namespace: SmolStr,
    /// Where its name comes from.
    pub(super) name_origin: Option<NodeOrigin>,
    /// Where its namespace comes from.
    pub(super) namespace_origin: Option<NodeOrigin>,
    current: ResourceId,
    original_namespace: SmolStr,
    previous: Vec<ResourceId>,
    prefixes: Vec<SmolStr>,
    suffixes: Vec<SmolStr>,
    /// The namespaces of the ServiceAccounts that a RoleBinding names.
    subject_namespaces: BTreeSet<SmolStr>,
}

/// What is asked for.
#[derive(Debug)]
pub(super) struct Query<'a> {
    /// The index of the resource that holds the reference.
    pub(super) referrer: usize,
    /// The kind that is named.
    pub(super) target: &'a Gvk,
    /// The kind that a `roleRef` names.
    pub(super) role: Option<Gvk>,
}

/// When several candidates are as good as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Identical {
    /// They have the same name.
    Names,
    /// They have the same name and namespace.
    NamesAndNamespaces,
}

/// The resources of a render, found by their previous names.
#[derive(Debug)]
pub(super) struct Candidates {
    all: Vec<Candidate>,
    by_previous_name: BTreeMap<SmolStr, Vec<usize>>,
    by_original_namespace: BTreeMap<SmolStr, Vec<usize>>,
}

impl Candidates {
    /// The candidates among `resources`.
    pub(super) fn new(resources: &[Resource]) -> Self {
        let mut this =
            Self { all: vec![], by_previous_name: BTreeMap::new(), by_original_namespace: BTreeMap::new() };
        if resources.iter().all(|resource| resource.previous.is_empty()) {
            return this;
        }
        for (index, resource) in resources.iter().enumerate() {
            let candidate = candidate(resource);
            for id in &candidate.previous {
                let named = this.by_previous_name.entry(id.name.clone()).or_default();
                if named.last() != Some(&index) {
                    named.push(index);
                }
            }
            let namespace = candidate.original_namespace.clone();
            this.by_original_namespace.entry(namespace).or_default().push(index);
            this.all.push(candidate);
        }
        this
    }

    /// Whether nothing was renamed.
    pub(super) fn is_empty(&self) -> bool {
        self.by_previous_name.is_empty()
    }

    /// The resource that was called `name` and is meant; `None` where no or no certain one is.
    ///
    /// `namespace` is the one that stands beside the name, where the reference has room for it.
    pub(super) fn select(
        &self,
        name: &str,
        namespace: Option<&str>,
        query: &Query<'_>,
        identical: Identical,
    ) -> Result<Option<&Candidate>, PathProblem> {
        let Some(named) = self.by_previous_name.get(name) else { return Ok(None) };
        let Some(referrer) = self.all.get(query.referrer) else { return Ok(None) };
        let was =
            |candidate: &Candidate, gvk: &Gvk| candidate.previous.iter().any(|id| id.is_selected_by(gvk));
        let by_original = namespace.map(|namespace| (namespace, self.is_original(namespace, referrer)));
        let mut found: Vec<&Candidate> = named
            .iter()
            .filter_map(|index| self.all.get(*index))
            .filter(|candidate| is_in_reach(candidate, referrer))
            .filter(|candidate| match by_original {
                None => true,
                Some((namespace, true)) => candidate.original_namespace == namespace,
                Some((namespace, false)) => candidate.current.namespace == namespace,
            })
            .filter(|candidate| was(candidate, query.target))
            .filter(|candidate| query.role.as_ref().is_none_or(|role| was(candidate, role)))
            .filter(|candidate| is_near(candidate, referrer))
            .collect();
        if let [only] = found.as_slice() {
            return Ok(Some(only));
        }
        found.retain(|candidate| same_affixes(candidate, referrer, true));
        if found.len() > 1 {
            found.retain(|candidate| same_affixes(candidate, referrer, false));
        }
        let Some(first) = found.first() else { return Ok(None) };
        let same = |other: &&Candidate| match identical {
            Identical::Names => other.name == first.name,
            Identical::NamesAndNamespaces => other.name == first.name && other.namespace == first.namespace,
        };
        if found.iter().all(same) {
            return Ok(Some(first));
        }
        let meant: Vec<String> = found.iter().map(|candidate| candidate.current.to_string()).collect();
        Err(PathProblem(format!("`{name}` may mean each of {}", meant.join(", "))))
    }

    /// Whether something in reach of `referrer` was read with this namespace.
    fn is_original(&self, namespace: &str, referrer: &Candidate) -> bool {
        let known = self.by_original_namespace.get(namespace).map_or(&[][..], Vec::as_slice);
        known
            .iter()
            .filter_map(|index| self.all.get(*index))
            .any(|candidate| is_in_reach(candidate, referrer))
    }
}

fn candidate(resource: &Resource) -> Candidate {
    let text = |node: &Node, field: &str| node.get(field).and_then(Node::text).map(SmolStr::from);
    let subjects = match resource.kind() {
        "RoleBinding" => resource.root.get("subjects").map_or(&[][..], Node::items),
        _ => &[],
    };
    Candidate {
        name: resource.name().into(),
        namespace: resource.namespace().into(),
        name_origin: resource.origin_of(&["metadata", "name"]),
        namespace_origin: resource.origin_of(&["metadata", "namespace"]),
        current: resource.current_id(),
        original_namespace: resource.original_id().namespace,
        previous: resource.previous_ids().collect(),
        prefixes: resource.prefixes.clone(),
        suffixes: resource.suffixes.clone(),
        subject_namespaces: subjects
            .iter()
            .filter(|subject| text(subject, "kind").as_deref() == Some("ServiceAccount"))
            .filter_map(|subject| text(subject, "namespace"))
            .collect(),
    }
}

/// Whether a reference may cross to where the candidate is.
fn is_in_reach(candidate: &Candidate, referrer: &Candidate) -> bool {
    referrer.current.is_cluster_scoped()
        || candidate.current.is_cluster_scoped()
        || candidate.current.namespace == referrer.current.namespace
        || referrer.subject_namespaces.contains(&candidate.namespace)
}

fn is_near(candidate: &Candidate, referrer: &Candidate) -> bool {
    referrer.current.is_cluster_scoped()
        || candidate.current.is_cluster_scoped()
        || candidate.current.kind == "ServiceAccount"
        || candidate.current.namespace == referrer.current.namespace
}

/// Whether both got the same prefixes and suffixes, the longer list ending in the shorter one.
fn same_affixes(a: &Candidate, b: &Candidate, allow_none: bool) -> bool {
    let same = |a: &[SmolStr], b: &[SmolStr]| {
        if a.is_empty() || b.is_empty() {
            return allow_none || a.len() == b.len();
        }
        a.ends_with(b) || b.ends_with(a)
    };
    same(&a.prefixes, &b.prefixes) && same(&a.suffixes, &b.suffixes)
}
