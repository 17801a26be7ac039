//! Whole updates, from the first deployment to the end.

use super::world::{STEPS, World};
use crate::api::rollout::RolloutPhase;
use crate::metric::Value;

/// A world in which the first version is stable.
fn deployed(steps: &str, routing: bool) -> World {
    let mut world = World::new(steps, routing);
    world.settle();
    assert_eq!(world.status.phase, RolloutPhase::Healthy, "{}", world.transcript.join("\n"));
    world
}

/// Whether the load balancer's annotation gives the canary this weight.
fn annotation_gives(world: &World, weight: i32) -> bool {
    let annotations = &world.seen.ingresses["myapp"].annotations;
    let canary = format!("\"ServiceName\":\"myapp-canary\",\"ServicePort\":\"80\",\"Weight\":{weight}}}");
    annotations["alb.ingress.kubernetes.io/actions.myapp"].contains(&canary)
}

#[test]
fn the_first_deployment_takes_no_steps() {
    let world = deployed(STEPS, true);
    assert_eq!((world.step_index(), world.weight(), world.stable().counts.available), (Some(7), 0, 3));
    assert_eq!(world.said("RolloutCompleted").len(), 1);
    assert!(world.seen.runs.is_empty());
}

#[test]
fn a_good_canary_goes_through_every_step() {
    let mut world = deployed(STEPS, true);
    let old = world.stable().hash.clone();
    world.deploy("v2");
    world.settle();
    assert_eq!((world.step_index(), world.weight()), (Some(1), 10), "{}", world.transcript.join("\n"));
    assert!(annotation_gives(&world, 10));
    assert_eq!(world.stable().counts.wanted, 3, "the stable pods stay");
    let start = world.now;
    world.run_until(|world| world.step_index() == Some(2));
    // Argo stores whole seconds, so that an interval may be short by a part of one.
    assert!((116..=121).contains(&world.now.since(start).as_secs()), "five measurements are four intervals");
    assert_eq!(world.status.phase, RolloutPhase::Paused);
    let start = world.now;
    world.run_until(|world| world.step_index() == Some(4));
    assert!((119..=120).contains(&world.now.since(start).as_secs()));
    assert_eq!(world.weight(), 50);
    world.run_until(|world| world.status.phase == RolloutPhase::Healthy);
    assert_ne!(world.stable().hash, old);
    assert_eq!(world.weight(), 0, "the stable service holds the new pods");
    assert_eq!(world.seen.services["myapp-stable"].hash, world.stable().hash);
    assert_eq!(world.said("RolloutStepCompleted").len(), 7);
    world.run_until(|world| world.set(&old).counts.wanted == 0);
    assert!(!world.jump(), "a settled world asks for nothing");
}

#[test]
fn a_bad_canary_is_aborted_and_says_why() {
    let mut world = deployed(STEPS, true);
    let old = world.stable().hash.clone();
    world.deploy("v2");
    world.settle();
    world.answer = Value::Floats(vec![0.91]);
    world.run_until(|world| world.status.control.abort);
    assert_eq!((world.weight(), world.step_index()), (0, Some(0)));
    assert!(annotation_gives(&world, 0));
    assert_eq!(world.stable().hash, old);
    assert_eq!(world.seen.services["myapp-canary"].hash, old);
    assert_eq!(world.status.phase, RolloutPhase::Degraded);
    let said = world.said("RolloutAborted");
    assert_eq!(said.len(), 1);
    assert!(
        said[0].contains("success-rate 0.91 < 0.99 at ") && said[0].contains("UTC (1 failure, 0 allowed)"),
        "{}",
        said[0]
    );
    let aborted = world.transcript.iter().position(|line| line.contains("Degraded")).unwrap();
    let moved = world.transcript.iter().rposition(|line| line.contains("weight myapp 0")).unwrap();
    assert!(aborted < moved, "the abort is recorded first");
    world.run_until(|world| {
        world.seen.replica_sets.iter().all(|set| set.hash == old || set.counts.wanted == 0)
    });
    assert!(!world.jump());
}

#[test]
fn a_retry_starts_again_with_new_runs() {
    let mut world = deployed(STEPS, true);
    world.deploy("v2");
    world.settle();
    world.answer = Value::Floats(vec![0.5]);
    world.run_until(|world| world.status.control.abort);
    world.answer = Value::Floats(vec![1.0]);
    world.status.control.abort = false;
    world.settle();
    assert_eq!((world.step_index(), world.weight()), (Some(1), 10), "{}", world.transcript.join("\n"));
    assert_eq!(world.seen.runs.len(), 2);
    assert!(world.seen.runs[1].key.name.ends_with("-1.1"), "{}", world.seen.runs[1].key.name);
}

#[test]
fn no_traffic_pauses_and_does_not_promote() {
    let mut world = deployed(STEPS, true);
    world.deploy("v2");
    world.settle();
    world.answer = Value::Floats(vec![f64::NAN]);
    world.run_until(|world| world.status.phase == RolloutPhase::Paused);
    assert_eq!(world.status.message, "InconclusiveAnalysisRun");
    assert!(!world.jump(), "it waits for a person");
    world.answer = Value::Floats(vec![1.0]);
    world.status.control.pause_conditions.clear();
    world.run_until(|world| world.step_index() == Some(2));
}

#[test]
fn a_person_promotes_and_resumes() {
    let mut world = deployed("[{setWeight: 20}, {pause: {}}, {setWeight: 40}, {pause: {}}]", true);
    world.deploy("v2");
    world.settle();
    assert_eq!((world.step_index(), world.weight()), (Some(1), 20));
    assert!(!world.jump(), "an open pause lasts");
    world.status.control.pause_conditions.clear();
    world.settle();
    assert_eq!((world.step_index(), world.weight()), (Some(3), 40));
    world.status.control.promote_full = true;
    world.settle();
    assert_eq!(world.status.phase, RolloutPhase::Healthy, "{}", world.transcript.join("\n"));
    assert_eq!(world.weight(), 0);
}

#[test]
fn back_to_the_stable_template_skips_all_steps() {
    let mut world = deployed("[{setWeight: 20}, {pause: {}}]", true);
    let old = world.stable().hash.clone();
    world.deploy("v2");
    world.settle();
    world.deploy("v1");
    world.settle();
    assert_eq!((world.stable().hash.clone(), world.step_index(), world.weight()), (old, Some(2), 0));
    assert_eq!(world.said("SkipSteps"), ["Rollback to stable ReplicaSets"]);
}

#[test]
fn without_a_router_the_counts_of_pods_are_the_weight() {
    let mut world = deployed("[{setWeight: 50}, {pause: {}}]", false);
    let old = world.stable().hash.clone();
    world.deploy("v2");
    world.settle();
    let new = world.status.revisions.current_pod_hash.clone();
    assert_eq!((world.set(&new).counts.wanted, world.set(&old).counts.wanted), (2, 2));
    assert!(world.seen.ingresses["myapp"].annotations.is_empty());
    world.status.control.abort = true;
    world.settle();
    assert_eq!((world.set(&new).counts.wanted, world.set(&old).counts.wanted), (0, 3));
}

#[test]
fn pods_that_do_not_start_run_into_the_deadline() {
    let mut world = deployed("[{setWeight: 50}]", true);
    world.pods_start = false;
    world.deploy("v2");
    world.run_until(|world| world.status.phase == RolloutPhase::Degraded);
    assert!(world.status.message.contains("has timed out progressing."), "{}", world.status.message);
    assert_eq!(world.weight(), 0);
}
