//! A run with faults that a seed draws: requests that fail, answers that are lost, lost watches, a registry and a
//! metrics source that are away, and crashes of the driver. What must hold is looked at after every cycle.

use std::collections::BTreeSet;
use std::time::Duration;

use gitops_bin::driver::{Call, Outside as _, Settings};
use gitops_bin::view::HistoryView;
use gitops_core::diagnostic::Location;
use gitops_core::object::{Object, ObjectKey};
use gitops_core::yaml;
use gitops_ports::cluster::{ClusterError, ListQuery, WriteOptions};
use gitops_ports::embedded::cluster::Fault;
use gitops_ports::metrics::MetricsError;
use gitops_ports::registry::RegistryError;
use gitops_ports::{Clock as _, Cluster as _};

use crate::world::{MINUTE, Simulation};
use crate::{FIRST, PROD};

/// The tag that is pushed while things fail.
const SECOND: &str = "a3f2c1b";
/// The weight up to which each step of prod's canary may go; behind the last one all is promoted.
const WEIGHTS: [f64; 8] = [10.0, 10.0, 10.0, 50.0, 50.0, 50.0, 100.0, 100.0];
/// Where the engine may have objects: its own namespace and the project's. The others are Kubernetes' own, and one
/// that is none of its business.
const NAMESPACES: [&str; 9] =
    ["", "argocd", "dev", "staging", "prod", "default", "kube-node-lease", "kube-public", "other"];

/// Numbers from a seed (SplitMix64).
struct Draw(u64);

impl Draw {
    /// A number below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// A run, and what must hold in it.
struct Run {
    world: Simulation,
    draw: Draw,
    approved: bool,
    /// How many cycles failed.
    failed: usize,
    /// What somebody else has in a namespace that is none of the engine's business.
    theirs: yaml::Node,
}

impl Run {
    fn new(seed: u64) -> Self {
        let settings = Settings { poll_interval: Duration::from_mins(1), ..Settings::default() };
        let world = Simulation::new(settings);
        for manifest in [
            "{apiVersion: v1, kind: Namespace, metadata: {name: other}}",
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: theirs, namespace: other}, data: {a: b}}",
            "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: stranger, namespace: argocd}, spec: {project: gitops-demo-project, syncPolicy: {automated: {prune: true, selfHeal: true}}, source: {repoURL: 'https://git.example.com/platform/gitops-demo-deploy.git', path: k8s/overlays/dev, targetRevision: main}, destination: {server: 'https://kubernetes.default.svc', namespace: other}}}",
        ] {
            let object = Object::new(yaml::read_one("test", manifest).unwrap(), Location::default());
            let options = WriteOptions::new("kubectl-create");
            let creating = world.world().cluster().create(&object, &options);
            world.clock.block_on(creating).unwrap().unwrap();
        }
        let theirs = world.live(&ObjectKey::new("", "ConfigMap", "other", "theirs")).unwrap().root;
        Self { world, draw: Draw(seed), approved: false, failed: 0, theirs }
    }

    /// Some cycles in which things fail.
    fn storm(&mut self, duration: Duration) {
        let end = self.world.clock.now().after(duration);
        while self.world.clock.now() < end {
            self.faults();
            self.cycle();
        }
    }

    /// Draws what fails next.
    fn faults(&mut self) {
        match self.draw.below(8) {
            0..=2 => {
                for _ in 0..=self.draw.below(3) {
                    for _ in 0..self.draw.below(80) {
                        self.world.world().embedded_cluster().push_fault(Fault::Pass);
                    }
                    let fault = self.cluster_fault();
                    self.world.world().embedded_cluster().push_fault(fault);
                }
            }
            3 => {
                let away = RegistryError::Unavailable { message: "connection refused".to_owned() };
                self.world.world().registry().faults.lock().unwrap().push_back(Some(away));
            }
            4 => {
                let away = MetricsError::Unavailable { message: "connection refused".to_owned() };
                self.world.world().metrics().faults.lock().unwrap().push_back(Some(away));
            }
            5 => self.world.crash(),
            _ => {}
        }
    }

    fn cluster_fault(&mut self) -> Fault {
        let away = ClusterError::Unavailable { message: "connection reset".to_owned() };
        match self.draw.below(5) {
            0 | 1 => Fault::Fail(away),
            2 | 3 => Fault::FailAfter(away),
            _ => Fault::ForgetChanges,
        }
    }

    /// Cycles until every fault has happened, and a look at what must hold.
    fn cycle(&mut self) {
        loop {
            if let Err(error) = self.world.cycle() {
                assert!(error.is_transient(), "{error}\n{}", self.world.log());
                self.failed += 1;
            }
            if self.world.world().embedded_cluster().pending_faults() == 0 {
                break;
            }
        }
        self.check();
    }

    fn check(&mut self) {
        let everything = ListQuery::default();
        let all = self.world.world().cluster().list(&everything);
        let all = self.world.clock.block_on(all).unwrap().unwrap().objects;
        let namespaces: BTreeSet<&str> = all.iter().map(|object| object.key.namespace.as_str()).collect();
        let outside: Vec<_> = namespaces.iter().filter(|name| !NAMESPACES.contains(name)).collect();
        assert!(outside.is_empty(), "{outside:?}");
        let theirs = all.iter().filter(|object| object.key.namespace == "other").map(|object| &object.root);
        assert!(theirs.eq([&self.theirs]), "another namespace was touched");
        let prod = self.world.live(&ObjectKey::new("argoproj.io", "Rollout", "prod", "myapp"));
        assert!(self.approved || prod.is_none(), "prod was synced without an approval");
        for entry in self.history() {
            assert!(entry.approval.is_some(), "{entry:?}");
        }
        if prod.is_some() {
            self.check_weight();
        }
    }

    fn check_weight(&mut self) {
        let rollout = self.world.rollout();
        let shares = self.world.world().embedded_cluster().traffic("prod", "myapp");
        let share: f64 =
            shares.iter().filter(|share| share.image.contains(SECOND)).map(|share| share.share).sum();
        // An abort is recorded before the traffic moves; that it does is looked at in the end.
        if rollout.phase != "Degraded" {
            assert!(share * 100.0 <= WEIGHTS[rollout.step] + 1e-6, "{share} at step {}", rollout.step);
        }
    }

    fn history(&mut self) -> Vec<HistoryView> {
        let (reply, answer) = tokio::sync::oneshot::channel();
        self.world
            .call(async |engine| {
                Box::pin(engine.answer(Call::History("myapp-prod".to_owned(), reply))).await;
                Ok(())
            })
            .unwrap();
        self.world.clock.block_on(answer).unwrap().unwrap().unwrap().items
    }

    /// Approves prod as soon as it waits, however often that fails.
    fn approve(&mut self) {
        while !self.world.app("myapp-prod").awaiting_approval {
            self.storm(Duration::from_secs(1));
        }
        for _ in 0..100 {
            self.approved = true;
            self.faults();
            let done = self.world.approve();
            self.cycle();
            if done.is_ok() || !self.world.app("myapp-prod").awaiting_approval {
                return;
            }
        }
        panic!("the approval does not pass\n{}", self.world.log());
    }
}

/// Plays the run of a seed; returns its log, and how many cycles failed in it.
fn play(seed: u64) -> (String, usize) {
    let mut run = Run::new(seed);
    run.storm(MINUTE * 2);
    run.approve();
    run.storm(MINUTE * 2);
    run.world.edit(PROD, (FIRST, SECOND));
    run.world.world().embedded_registry().push(REPOSITORY, SECOND, run.world.clock.now()).unwrap();
    run.approve();
    run.storm(MINUTE * 8);
    settles(run)
}

/// The repository that dev follows.
const REPOSITORY: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/myapp";

fn settles(mut run: Run) -> (String, usize) {
    run.world.world().registry().faults.lock().unwrap().clear();
    run.world.world().metrics().faults.lock().unwrap().clear();
    let end = run.world.clock.now().after(MINUTE * 60);
    let settled = |world: &mut Simulation| {
        let rollout = world.rollout();
        let ended = match rollout.phase.as_str() {
            "Healthy" => world.runs("myapp-prod", SECOND),
            "Degraded" => rollout.actual_weight == 0,
            _ => false,
        };
        ended && world.runs("myapp-dev", SECOND) && world.runs("myapp-staging", SECOND)
    };
    while !settled(&mut run.world) {
        assert!(run.world.clock.now() < end, "never settles\n{}", run.world.log());
        run.cycle();
    }
    run.world.pass(MINUTE * 5);
    let log = run.world.log();
    run.world.pass(MINUTE * 10);
    assert_eq!(log, run.world.log(), "a settled world does not rest");
    run.check();
    assert_eq!(run.history().len(), 2, "a sync of prod was doubled or lost");
    (log, run.failed)
}

/// Seeds for each of the threads that play them. More were played while this was written; a fault that another seed
/// finds belongs here.
const SEEDS: [std::ops::Range<u64>; 2] = [0..6, 6..12];

#[test]
fn whatever_fails_the_promises_hold_and_the_world_settles() {
    let threads =
        SEEDS.map(|seeds| std::thread::spawn(|| seeds.map(play).map(|(_, failed)| failed).sum::<usize>()));
    let failed = threads.map(|thread| thread.join().unwrap());
    assert!(failed.iter().all(|failed| *failed > 10), "hardly anything failed: {failed:?}");
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let again = std::thread::spawn(|| play(7));
    assert_eq!(play(7), again.join().unwrap());
}
