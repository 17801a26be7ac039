//! The whole engine on a virtual clock: what must hold whatever happens around it.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod faults;
#[path = "../support/repository.rs"]
mod repository;
mod world;

use gitops_bin::driver::{Outside as _, Settings};
use gitops_core::object::ObjectKey;
use gitops_core::yaml::Node;
use gitops_ports::embedded::cluster::BadImage;
use world::{MINUTE, Simulation};

/// The tag that the overlays name.
const FIRST: &str = "9f1c2d3";
/// The overlay of dev.
const DEV: &str = "k8s/overlays/dev/kustomization.yaml";
/// The overlay of prod.
const PROD: &str = "k8s/overlays/prod/kustomization.yaml";

/// A world in which all three environments run the first tag.
fn running() -> Simulation {
    let mut simulation = Simulation::new(Settings::default());
    simulation.until("prod waits", MINUTE * 5, |world| world.app("myapp-prod").awaiting_approval);
    simulation.approve().unwrap();
    for app in ["myapp-dev", "myapp-staging", "myapp-prod"] {
        simulation.until(app, MINUTE * 5, |world| world.runs(app, FIRST));
    }
    simulation
}

/// The replicas that the spec of an object asks for.
fn replicas(simulation: &Simulation, key: &ObjectKey) -> Option<i64> {
    simulation.live(key)?.root.at(&["spec", "replicas"]).and_then(Node::as_i64)
}

/// How many syncs were started.
fn syncs(simulation: &Simulation) -> usize {
    simulation.log().matches(" OperationStarted ").count()
}

#[test]
fn a_deployment_keeps_the_replicas_of_its_autoscaler() {
    let mut simulation = running();
    let key = ObjectKey::new("apps", "Deployment", "dev", "myapp");
    simulation.edit(DEV, ("maxReplicas: 3", "maxReplicas: 10"));
    simulation.world().embedded_cluster().set_load("dev", "myapp", "cpu", 490.0).unwrap();
    simulation.until("seven replicas", MINUTE * 5, |world| replicas(world, &key) == Some(7));
    simulation.until("seven run", MINUTE * 5, |world| world.runs("myapp-dev", FIRST));
    let before = syncs(&simulation);
    simulation.pass(MINUTE * 10);
    assert_eq!(
        (replicas(&simulation, &key), syncs(&simulation)),
        (Some(7), before),
        "healed what is no drift"
    );
    assert_eq!(simulation.diff("myapp-dev").objects, []);
    // A sync of something else in the very Deployment.
    simulation.edit(DEV, ("LOG_LEVEL=debug", "LOG_LEVEL=warning"));
    simulation.until("the sync begins", MINUTE * 5, |world| syncs(world) > before);
    simulation.until("the sync is done", MINUTE * 5, |world| world.runs("myapp-dev", FIRST));
    simulation.pass(MINUTE * 10);
    assert_eq!(
        (replicas(&simulation, &key), syncs(&simulation)),
        (Some(7), before + 1),
        "{}",
        simulation.log()
    );
    assert!(simulation.runs("myapp-dev", FIRST));
}

#[test]
fn a_rollout_keeps_the_replicas_of_its_autoscaler() {
    let mut simulation = running();
    let key = ObjectKey::new("argoproj.io", "Rollout", "prod", "myapp");
    simulation.world().embedded_cluster().set_load("prod", "myapp", "cpu", 490.0).unwrap();
    simulation.until("seven replicas", MINUTE * 5, |world| replicas(world, &key) == Some(7));
    simulation.pass(MINUTE * 10);
    assert_eq!(simulation.diff("myapp-prod").objects, []);
    assert!(simulation.runs("myapp-prod", FIRST));
    // A new version: the whole canary, at seven replicas.
    simulation.edit(PROD, (FIRST, "a3f2c1b"));
    simulation.until("prod waits", MINUTE * 5, |world| world.app("myapp-prod").awaiting_approval);
    let changed: Vec<String> =
        simulation.diff("myapp-prod").objects.into_iter().map(|object| object.object).collect();
    assert_eq!(changed, ["Rollout.argoproj.io prod/myapp"]);
    simulation.approve().unwrap();
    simulation.until("the canary is promoted", MINUTE * 40, |world| {
        assert_eq!(replicas(world, &key), Some(7));
        world.runs("myapp-prod", "a3f2c1b")
    });
    assert_eq!(simulation.rollout().replicas, 7);
    let stable = simulation.rollout().replica_sets.remove(0);
    assert_eq!((stable.role.as_str(), stable.desired, stable.available), ("stable", 7, 7));
    assert_eq!(simulation.diff("myapp-prod").objects, []);
}

#[test]
fn a_release_that_never_becomes_ready_is_taken_back_and_its_tag_is_held() {
    let mut simulation = running();
    let bad = "e4d5c6f";
    let cluster = simulation.world().embedded_cluster();
    cluster.set_bad_image(&format!(":{bad}"), Some(BadImage::NeverReady)).unwrap();
    simulation.push(bad).unwrap();
    simulation.until("dev takes the tag", MINUTE * 5, |world| {
        world.app("myapp-dev").images.contains(&bad.to_owned())
    });
    simulation.until("dev is healthy on the old tag", MINUTE * 10, |world| world.runs("myapp-dev", FIRST));
    let update = simulation.call(async |engine| engine.update_images(true).await).unwrap();
    assert_eq!((update.commit, update.files.len()), (None, 0));
    assert_eq!(update.held, [format!("myapp: `{bad}` was taken back")]);
    simulation.pass(MINUTE * 30);
    assert!(simulation.runs("myapp-dev", FIRST), "{}", simulation.log());
    assert!(simulation.runs("myapp-staging", FIRST), "a bad tag was promoted");
    let subjects = repository::subjects(simulation.world().git(), DEV);
    assert_eq!(subjects.len(), 3, "{subjects:?}");
    assert!(subjects[0].starts_with(&format!("Take back myapp {bad} of myapp-dev: ")), "{subjects:?}");
    // A newer tag is taken.
    simulation.push("a3f2c1b").unwrap();
    simulation.until("dev runs the newer tag", MINUTE * 5, |world| world.runs("myapp-dev", "a3f2c1b"));
}
