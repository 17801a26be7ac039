//! The kinds that an API server has, from its aggregated discovery documents.

use gitops_ports::cluster::{Discovery, GroupKind, ServedKind};
use kube::core::discovery::v2::{APIGroupDiscovery, APIGroupDiscoveryList, APIResourceDiscovery};
use smol_str::SmolStr;

/// A kind, and what may be done with its objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resource {
    /// The kind.
    pub(crate) served: ServedKind,
    /// Whether its objects can be listed and watched; a review such as TokenReview can only be created.
    pub(crate) listable: bool,
}

/// All kinds, the preferred version of each first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Resources(Vec<Resource>);

impl Resources {
    /// The kinds of the core group and of the named groups.
    pub(crate) fn new(core: &APIGroupDiscoveryList, groups: &APIGroupDiscoveryList) -> Self {
        Self(core.items.iter().chain(&groups.items).flat_map(of_group).collect())
    }

    /// The kind in the version that a manifest states.
    pub(crate) fn stated(&self, group: &str, version: &str, kind: &str) -> Option<&Resource> {
        self.0.iter().find(|resource| is(resource, group, kind) && resource.served.version == version)
    }

    /// The kind in its preferred version.
    pub(crate) fn preferred(&self, group: &str, kind: &str) -> Option<&Resource> {
        self.0.iter().find(|resource| is(resource, group, kind))
    }

    /// Every kind that can be listed, each once.
    pub(crate) fn listable(&self) -> Vec<ServedKind> {
        let mut kinds: Vec<ServedKind> = vec![];
        for resource in self.0.iter().filter(|resource| resource.listable) {
            let served = &resource.served;
            if !kinds.iter().any(|known| known.group == served.group && known.kind == served.kind) {
                kinds.push(served.clone());
            }
        }
        kinds
    }

    /// Those of `kinds` that can be listed; all where `kinds` is empty.
    pub(crate) fn asked(&self, kinds: &[GroupKind]) -> Vec<ServedKind> {
        if kinds.is_empty() {
            return self.listable();
        }
        let found = kinds.iter().filter_map(|kind| self.preferred(&kind.group, &kind.kind));
        found.filter(|resource| resource.listable).map(|resource| resource.served.clone()).collect()
    }

    /// What the port tells of them.
    pub(crate) fn to_discovery(&self, server_version: SmolStr) -> Discovery {
        let kinds = self.0.iter().map(|resource| resource.served.clone()).collect();
        Discovery { server_version, kinds }
    }
}

fn is(resource: &Resource, group: &str, kind: &str) -> bool {
    resource.served.group == group && resource.served.kind == kind
}

fn of_group(group: &APIGroupDiscovery) -> Vec<Resource> {
    let name = group.metadata.as_ref().and_then(|metadata| metadata.name.as_deref()).unwrap_or_default();
    let versions = group.versions.iter();
    versions
        .flat_map(|version| {
            let text = version.version.as_deref().unwrap_or_default();
            version.resources.iter().filter_map(move |resource| of_resource(name, text, resource))
        })
        .collect()
}

/// A resource with a kind of its own; `None` for what only has subresources.
fn of_resource(group: &str, version: &str, resource: &APIResourceDiscovery) -> Option<Resource> {
    let kind = resource.response_kind.as_ref().and_then(|kind| kind.kind.as_deref());
    let kind = kind.filter(|kind| !kind.is_empty())?;
    let has = |verb: &str| resource.verbs.iter().any(|each| each == verb);
    let status = |name: &Option<String>| name.as_deref() == Some("status");
    Some(Resource {
        served: ServedKind {
            group: group.into(),
            version: version.into(),
            kind: kind.into(),
            plural: resource.resource.as_deref()?.into(),
            namespaced: resource.scope.as_deref() == Some("Namespaced"),
            status_subresource: resource.subresources.iter().any(|each| status(&each.subresource)),
        },
        listable: has("list") && has("watch"),
    })
}
