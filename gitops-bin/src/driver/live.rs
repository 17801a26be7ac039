//! What of the cluster is looked at for one Application.

use std::collections::{BTreeMap, BTreeSet};

use gitops_core::api::application::Application;
use gitops_core::kind::Schemas;
use gitops_core::object::{Object, ObjectKey};
use gitops_core::sync::{self, LiveState, Tracking};
use gitops_ports::Cluster;
use gitops_ports::cluster::{ClusterError, GroupKind, ListQuery};
use smol_str::SmolStr;

/// The objects of the destination namespace and the namespace itself; elsewhere, and among the objects without a
/// namespace, those that are rendered and those that carry the Application's mark.
pub(super) async fn of<C: Cluster>(
    cluster: &C,
    app: &Application,
    rendered: &[&Object],
    schemas: &Schemas,
) -> Result<LiveState, ClusterError> {
    let home = &app.spec.destination.namespace;
    let query = ListQuery { namespace: Some(home.clone()), ..ListQuery::default() };
    let mut live = LiveState::new(match home.as_str() {
        "" => vec![],
        _ => cluster.list(&query).await?.objects,
    });
    let places = elsewhere(app, rendered, schemas);
    let wanted: BTreeSet<(&SmolStr, &SmolStr, &SmolStr)> =
        rendered.iter().map(|object| (&object.key.group, &object.key.kind, &object.key.name)).collect();
    let tracking = Tracking::by_annotation(app.metadata.name.clone(), home.clone());
    let own = ObjectKey::new("", "Namespace", "", home.clone());
    for (namespace, kinds) in places {
        let query = ListQuery {
            kinds: kinds.into_iter().collect(),
            namespace: Some(namespace),
            ..ListQuery::default()
        };
        for object in cluster.list(&query).await?.objects {
            let key = &object.key;
            let is_wanted = *key == own || wanted.contains(&(&key.group, &key.kind, &key.name));
            if is_wanted || tracking.application_of(&object).is_some_and(|name| name == app.metadata.name) {
                live.insert(object);
            }
        }
    }
    Ok(live)
}

/// The kinds to look at outside of the destination namespace, by namespace; the empty one holds what lives in none.
fn elsewhere(
    app: &Application,
    rendered: &[&Object],
    schemas: &Schemas,
) -> BTreeMap<SmolStr, BTreeSet<GroupKind>> {
    let home = &app.spec.destination.namespace;
    let mut places: BTreeMap<SmolStr, BTreeSet<GroupKind>> = BTreeMap::new();
    places.entry("".into()).or_default().insert(GroupKind::new("", "Namespace"));
    let known = app.status.resources.iter().map(|resource| &resource.key);
    let unscoped = rendered.iter().filter(|object| {
        object.key.namespace.is_empty() && sync::is_namespaced(object, &[], schemas) != Some(true)
    });
    let named = rendered.iter().filter(|object| !object.key.namespace.is_empty());
    for key in known.chain(unscoped.chain(named).map(|object| &object.key)) {
        if key.namespace != *home || home.is_empty() {
            let kinds = places.entry(key.namespace.clone()).or_default();
            kinds.insert(GroupKind::new(key.group.clone(), key.kind.clone()));
        }
    }
    places
}
