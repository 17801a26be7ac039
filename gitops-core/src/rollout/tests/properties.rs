//! What holds whatever people, pods and metrics do.

use proptest::prelude::*;

use super::world::{STEPS, World};
use crate::metric::Value;

#[derive(Clone, Debug)]
enum Happening {
    Deploy(u8),
    Abort,
    Retry,
    Resume,
    PromoteFull,
    Pause(bool),
    Pods(bool),
    Measure(f64),
    Jump,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        2 => (0..3u8).prop_map(Happening::Deploy),
        1 => Just(Happening::Abort),
        1 => Just(Happening::Retry),
        1 => Just(Happening::Resume),
        1 => Just(Happening::PromoteFull),
        1 => any::<bool>().prop_map(Happening::Pause),
        1 => any::<bool>().prop_map(Happening::Pods),
        2 => prop_oneof![Just(1.0), Just(0.5), Just(f64::NAN)].prop_map(Happening::Measure),
        8 => Just(Happening::Jump),
    ]
}

fn happen(world: &mut World, happening: &Happening) {
    let control = &mut world.status.control;
    match happening {
        Happening::Deploy(version) => world.deploy(&format!("v{version}")),
        Happening::Abort => control.abort = true,
        Happening::Retry => control.abort = false,
        Happening::Resume => control.pause_conditions.clear(),
        Happening::PromoteFull => control.promote_full = true,
        Happening::Pause(paused) => {
            world.rollout.spec.paused = *paused;
            world.rollout.generation += 1;
        }
        Happening::Pods(start) => world.pods_start = *start,
        Happening::Measure(value) => world.answer = Value::Floats(vec![*value]),
        Happening::Jump => {
            world.jump();
        }
    }
    // Settling asserts that the weight never passes its step, and that the machine comes to rest.
    world.settle();
}

fn play(steps: &str, routing: bool, history: &[Happening]) -> World {
    let mut world = World::new(steps, routing);
    world.settle();
    for one in history {
        happen(&mut world, one);
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_weight_never_passes_its_step_and_every_history_comes_to_rest(
        history in prop::collection::vec(happening(), 1..30),
        routing in any::<bool>(),
    ) {
        play(STEPS, routing, &history);
    }

    #[test]
    fn an_abort_ends_at_weight_0_with_the_stable_pods_whole(
        history in prop::collection::vec(happening(), 1..30),
        routing in any::<bool>(),
    ) {
        let mut world = play(STEPS, routing, &history);
        world.pods_start = true;
        world.rollout.spec.paused = false;
        world.settle();
        world.status.control.promote_full = false;
        world.status.control.abort = true;
        world.settle();
        for _ in 0..50 {
            if !world.jump() { break; }
        }
        prop_assert_eq!(world.weight(), 0);
        prop_assert_eq!(world.stable().counts.available, 3, "{}", world.transcript.join("\n"));
    }

    #[test]
    fn one_history_has_one_outcome(history in prop::collection::vec(happening(), 1..30)) {
        let (one, two) = (play(STEPS, true, &history), play(STEPS, true, &history));
        prop_assert_eq!(one.transcript, two.transcript);
        prop_assert_eq!(one.events, two.events);
        prop_assert_eq!(one.status, two.status);
    }
}
