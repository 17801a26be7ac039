//! The suite that every cluster passes, on the real one and on a cache of it.

use gitops_core::diagnostic::Location;
use gitops_core::object::Object;
use gitops_core::yaml::Node;
use gitops_e2e::{ControlPlane, ControlPlaneError, User};
use gitops_ports::cluster::WriteOptions;
use gitops_ports::{CachedCluster, Cluster, contract};

use crate::report::Report;

pub(crate) async fn run(plane: &ControlPlane, report: &mut Report) -> Result<(), ControlPlaneError> {
    let cluster = plane.connect(&User::ADMIN).await?;
    report.case("the contract of a cluster", Box::pin(passes(&cluster, "contract"))).await;
    let cached = async {
        match CachedCluster::start(cluster.clone()).await {
            Ok(cached) => Box::pin(passes(&cached, "contract-cached")).await,
            Err(error) => vec![error.to_string()],
        }
    };
    report.case("the contract of a cached cluster", cached).await;
    Ok(())
}

/// Runs the suite in a namespace of its own.
async fn passes<C: Cluster>(cluster: &C, namespace: &str) -> Vec<String> {
    let root = Node::mapping([
        ("apiVersion", Node::string("v1")),
        ("kind", Node::string("Namespace")),
        ("metadata", Node::mapping([("name", Node::string(namespace))])),
    ]);
    let object = Object::new(root, Location::default());
    if let Err(error) = cluster.create(&object, &WriteOptions::new("contract")).await {
        return vec![error.to_string()];
    }
    contract::cluster(cluster, namespace).await.iter().map(ToString::to_string).collect()
}
