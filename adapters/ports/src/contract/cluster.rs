//! What holds for every cluster.

mod fields;
mod lifecycle;
mod reads;

use gitops_core::diagnostic::Location;
use gitops_core::object::{Object, ObjectKey};
use gitops_core::yaml::{self, Node};

use super::{Checked, Failure, check, same, that};
use crate::cluster::{ApplyOptions, Cluster, ClusterError, WriteOptions};

/// Checks a cluster in the namespace `namespace`, which is there, empty and the suite's own.
///
/// The checks leave objects behind; the caller removes the namespace.
pub async fn cluster<C: Cluster>(cluster: &C, namespace: &str) -> Vec<Failure> {
    let bench = Bench { cluster, namespace };
    let mut failures = vec![];
    lifecycle::run(&bench, &mut failures).await;
    fields::run(&bench, &mut failures).await;
    reads::run(&bench, &mut failures).await;
    failures
}

/// The cluster under test and the namespace to work in.
#[derive(Debug)]
struct Bench<'a, C> {
    cluster: &'a C,
    namespace: &'a str,
}

impl<C: Cluster> Bench<'_, C> {
    fn key(&self, kind: &str, name: &str) -> ObjectKey {
        let group = if kind == "Deployment" { "apps" } else { "" };
        ObjectKey::new(group, kind, self.namespace, name)
    }

    /// A ConfigMap with these data, in the shape `{key: value}`.
    fn config(&self, name: &str, data: &str) -> Object {
        let text = format!(
            "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}, namespace: {}}}, data: {data}}}",
            self.namespace
        );
        manifest(&text)
    }

    /// A Deployment without replicas, so that no node is needed.
    fn deployment(&self, name: &str) -> Object {
        let text = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: {}}}\nspec:\n  \
             replicas: 0\n  selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: \
             {{app: {name}}}}}\n    spec: {{containers: [{{name: app, image: 'registry.example.com/app:v1'}}]}}\n",
            self.namespace
        );
        manifest(&text)
    }

    async fn create(&self, object: &Object) -> Result<Object, String> {
        self.cluster.create(object, &options()).await.map_err(said)
    }

    async fn apply(&self, object: &Object, manager: &str, force: bool) -> Result<Object, ClusterError> {
        let options = ApplyOptions { field_manager: manager.into(), force, dry_run: false };
        self.cluster.apply(object, &options).await
    }

    async fn live(&self, key: &ObjectKey) -> Result<Object, String> {
        let found = self.cluster.get(key).await.map_err(said)?;
        found.ok_or_else(|| format!("{key} is not there"))
    }
}

fn manifest(text: &str) -> Object {
    Object::new(yaml::read_one("", text).unwrap_or_else(|_| Node::null()), Location::default())
}

fn options() -> WriteOptions {
    WriteOptions::new("contract")
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where `map_err` hands the error over")]
fn said(error: ClusterError) -> String {
    error.to_string()
}

fn text<'a>(object: &'a Object, path: &[&str]) -> &'a str {
    object.root.at(path).and_then(Node::text).unwrap_or_default()
}

fn version(object: &Object) -> &str {
    text(object, &["metadata", "resourceVersion"])
}
