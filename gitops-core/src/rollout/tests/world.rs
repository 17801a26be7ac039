//! A cluster of one Rollout in memory.

use std::collections::BTreeMap;

use crate::api::analysis::{AnalysisRun, AnalysisTemplate};
use crate::api::rollout::{Rollout, RolloutStatus};
use crate::decision::Event;
use crate::metric::Value;
use crate::rollout::analysis::{self, AnalysisAction, Sample};
use crate::rollout::{
    IngressSeen, ReplicaCounts, ReplicaSet, RolloutAction, RolloutObserved, ServiceSeen, Situation, step,
};
use crate::time::Timestamp;
use crate::yaml::{Node, read, read_one};

pub(super) struct World {
    pub(super) rollout: Rollout,
    pub(super) status: RolloutStatus,
    pub(super) seen: RolloutObserved,
    pub(super) now: Timestamp,
    /// What the metrics store answers.
    pub(super) answer: Value,
    /// Whether new pods become available.
    pub(super) pods_start: bool,
    pub(super) events: Vec<Event>,
    /// Everything that was done, one line an action.
    pub(super) transcript: Vec<String>,
    /// When somebody wants to be called again.
    wake_at: Option<Timestamp>,
}

const START: Timestamp = Timestamp::from_seconds(1_800_000_000);

pub(super) fn manifest(steps: &str, image: &str, routing: bool) -> Node {
    let routing = if routing {
        "trafficRouting: {alb: {ingress: myapp, rootService: myapp, servicePort: 80}}"
    } else {
        "maxSurge: 1"
    };
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\n\
         metadata: {{name: myapp, namespace: prod, uid: u1, generation: 1}}\n\
         spec:\n  replicas: 3\n  selector: {{matchLabels: {{app: myapp}}}}\n  \
         template:\n    metadata: {{labels: {{app: myapp}}}}\n    \
         spec: {{containers: [{{name: myapp, image: \"myapp:{image}\"}}]}}\n  \
         strategy:\n    canary:\n      stableService: myapp-stable\n      canaryService: myapp-canary\n      \
         {routing}\n      steps: {steps}\n"
    );
    read_one("rollout.yaml", &text).unwrap()
}

pub(super) const STEPS: &str = "[{setWeight: 10}, {analysis: {templates: [{templateName: success-rate}], \
     args: [{name: hash, valueFrom: {podTemplateHashValue: Latest}}]}}, {pause: {duration: 2m}}, \
     {setWeight: 50}, {analysis: {templates: [{templateName: success-rate}], \
     args: [{name: hash, value: x}]}}, {pause: {duration: 5m}}, {setWeight: 100}]";

const TEMPLATE: &str = "
kind: AnalysisTemplate
apiVersion: argoproj.io/v1alpha1
metadata: {name: success-rate, namespace: prod}
spec:
  args: [{name: hash}]
  metrics:
  - name: success-rate
    interval: 30s
    count: 5
    failureLimit: 0
    inconclusiveLimit: 1
    successCondition: result[0] >= 0.99
    failureCondition: result[0] < 0.99
    provider: {prometheus: {query: 'rate{hash=\"{{args.hash}}\"}'}}
";

impl World {
    pub(super) fn new(steps: &str, routing: bool) -> Self {
        let rollout = Rollout::from_node(&manifest(steps, "v1", routing)).unwrap();
        let templates = read("templates.yaml", TEMPLATE).unwrap();
        let service = || ServiceSeen { hash: "".into(), is_managed: false };
        let mut seen = RolloutObserved {
            templates: templates
                .iter()
                .map(|document| AnalysisTemplate::from_node(&document.root).unwrap())
                .collect(),
            ..RolloutObserved::default()
        };
        seen.services.insert("myapp-stable".into(), service());
        seen.services.insert("myapp-canary".into(), service());
        let ingress = IngressSeen { services: vec!["myapp".into()], ..IngressSeen::default() };
        seen.ingresses.insert("myapp".into(), ingress);
        Self {
            rollout,
            status: RolloutStatus::default(),
            seen,
            now: START,
            answer: Value::Floats(vec![1.0]),
            pods_start: true,
            events: vec![],
            transcript: vec![],
            wake_at: None,
        }
    }

    /// Sets another image, as a sync does.
    pub(super) fn deploy(&mut self, image: &str) {
        let routing = self.rollout.traffic_routing().is_some();
        let steps =
            self.rollout.canary().unwrap().steps_node.as_ref().unwrap().to_json().unwrap().to_string();
        let mut root = manifest(&steps, image, routing);
        let generation = self.rollout.generation + 1;
        root.set_at(&["metadata", "generation"], Node::integer(generation));
        let revision = self.rollout.revision;
        self.rollout = Rollout::from_node(&root).unwrap();
        self.rollout.revision = revision;
    }

    pub(super) fn weight(&self) -> i32 {
        self.status.canary.weights.as_ref().map_or(0, |weights| weights.canary.weight)
    }

    pub(super) fn step_index(&self) -> Option<i32> {
        self.status.revisions.current_step_index
    }

    pub(super) fn set(&self, hash: &str) -> &ReplicaSet {
        self.seen.replica_sets.iter().find(|set| set.hash == hash).expect("a replica set of this hash")
    }

    pub(super) fn stable(&self) -> &ReplicaSet {
        self.set(&self.status.revisions.stable_rs)
    }

    pub(super) fn said(&self, reason: &str) -> Vec<&str> {
        self.events
            .iter()
            .filter(|event| event.reason == reason)
            .map(|event| event.message.as_str())
            .collect()
    }

    /// Passes until nothing is left to do at this instant.
    pub(super) fn settle(&mut self) {
        for _ in 0..200 {
            if !self.pass() {
                return;
            }
        }
        panic!("does not settle:\n{}", self.transcript.join("\n"));
    }

    /// Lets the clock jump to the next instant at which something is due; false where nothing ever is.
    pub(super) fn jump(&mut self) -> bool {
        let Some(at) = self.wake_at else { return false };
        self.now = self.now.after(std::time::Duration::from_millis(1)).max(at);
        self.settle();
        true
    }

    /// Goes on until `is_reached`, by jumps.
    pub(super) fn run_until(&mut self, is_reached: impl Fn(&Self) -> bool) {
        self.settle();
        for _ in 0..200 {
            if is_reached(self) {
                return;
            }
            assert!(self.jump(), "nothing is due:\n{}", self.transcript.join("\n"));
        }
        panic!("not reached:\n{}", self.transcript.join("\n"));
    }

    /// One pass over everything; says whether something happened.
    fn pass(&mut self) -> bool {
        self.wake_at = None;
        let ran = self.pass_runs();
        let decision = step(&self.rollout, &self.status, &self.seen, self.now);
        let situation = Situation { spec: &self.rollout.spec, status: &self.status };
        let most = if self.status.control.promote_full { 100 } else { situation.current_set_weight() };
        self.events.extend(decision.events);
        self.wake(decision.wake_at);
        let acted = !decision.actions.is_empty();
        for action in decision.actions {
            if let RolloutAction::SetWeight { weight, .. } = &action {
                assert!(*weight <= most, "weight {weight} passes {most}");
            }
            self.apply(action);
        }
        self.start_pods() || acted || ran
    }

    fn wake(&mut self, at: Option<Timestamp>) {
        self.wake_at = self.wake_at.into_iter().chain(at).min();
    }

    fn pass_runs(&mut self) -> bool {
        let mut acted = false;
        for at in 0..self.seen.runs.len() {
            let mut samples = vec![];
            for _ in 0..2 {
                let run = &self.seen.runs[at];
                let decision = analysis::step(run, &samples, &BTreeMap::new(), self.now);
                samples = vec![];
                self.wake(decision.wake_at);
                for action in decision.actions {
                    acted = true;
                    match action {
                        AnalysisAction::SetStatus { status } => self.seen.runs[at].status = *status,
                        AnalysisAction::Query { metric, .. } => {
                            let result = Ok(self.answer.clone());
                            samples.push(Sample { metric, started_at: self.now, result });
                        }
                    }
                }
            }
        }
        acted
    }

    /// Brings the pods to what is wanted.
    fn start_pods(&mut self) -> bool {
        let mut changed = false;
        for set in &mut self.seen.replica_sets {
            let wanted = set.counts.wanted;
            let available = if self.pods_start { wanted } else { set.counts.available.min(wanted) };
            let counts = ReplicaCounts { wanted, created: wanted, ready: available, available };
            changed |= counts != set.counts;
            set.counts = counts;
        }
        changed
    }

    fn apply(&mut self, action: RolloutAction) {
        self.transcript.push(format!("{} {}", self.now, brief(&action)));
        let sets = &mut self.seen.replica_sets;
        let set =
            |sets: &mut Vec<ReplicaSet>, name: &str| sets.iter().position(|set| set.name == *name).unwrap();
        match action {
            RolloutAction::CreateReplicaSet { mut manifest, .. } => {
                let created =
                    format!("{}", self.now.after(std::time::Duration::from_secs(sets.len() as u64)));
                manifest.set_at(&["metadata", "creationTimestamp"], Node::string(created));
                sets.push(ReplicaSet::from_node(&manifest));
            }
            RolloutAction::SetRevision { replica_set, revision } => {
                let at = set(sets, &replica_set);
                sets[at].revision = Some(revision);
                self.rollout.revision = Some(revision);
            }
            RolloutAction::ScaleReplicaSet { name, replicas, desired } => {
                let at = set(sets, &name);
                sets[at].counts.wanted = replicas;
                sets[at].desired_replicas = Some(desired);
                if replicas == 0 {
                    sets[at].scale_down_deadline = "".into();
                }
            }
            RolloutAction::SetScaleDownDeadline { name, deadline } => {
                let at = set(sets, &name);
                sets[at].scale_down_deadline = deadline.map(|at| at.to_string().into()).unwrap_or_default();
            }
            RolloutAction::DeleteReplicaSet { name } => sets.retain(|set| set.name != name),
            RolloutAction::SetServiceSelector { service, hash } => {
                self.seen.services.insert(service, ServiceSeen { hash, is_managed: true });
            }
            RolloutAction::SetWeight { ingress, annotations, .. } => {
                self.seen.ingresses.get_mut(&ingress).unwrap().annotations = annotations;
            }
            RolloutAction::CreateAnalysisRun { mut manifest, .. } => {
                manifest.set_at(&["metadata", "creationTimestamp"], Node::string(self.now.to_string()));
                self.seen.runs.push(AnalysisRun::from_node(&manifest).unwrap());
            }
            RolloutAction::TerminateAnalysisRun { name } => {
                let run = self.seen.runs.iter_mut().find(|run| run.key.name == name);
                run.unwrap().spec.terminate = true;
            }
            RolloutAction::DeleteAnalysisRun { name } => self.seen.runs.retain(|run| run.key.name != name),
            RolloutAction::SetStatus { status } => {
                // Through Argo's shape and back: what is not stored is not known.
                self.status = RolloutStatus::from_node(&status.to_node()).unwrap();
            }
        }
    }
}

fn brief(action: &RolloutAction) -> String {
    match action {
        RolloutAction::CreateReplicaSet { name, .. } => format!("create {name}"),
        RolloutAction::SetRevision { replica_set, revision } => format!("revision {replica_set} {revision}"),
        RolloutAction::ScaleReplicaSet { name, replicas, .. } => format!("scale {name} {replicas}"),
        RolloutAction::SetScaleDownDeadline { name, deadline } => {
            format!("deadline {name} {}", deadline.map(|at| at.to_string()).unwrap_or_default())
        }
        RolloutAction::DeleteReplicaSet { name } => format!("delete {name}"),
        RolloutAction::SetServiceSelector { service, hash } => format!("select {service} {hash}"),
        RolloutAction::SetWeight { ingress, weight, .. } => format!("weight {ingress} {weight}"),
        RolloutAction::CreateAnalysisRun { name, .. } => format!("analyse {name}"),
        RolloutAction::TerminateAnalysisRun { name } => format!("terminate {name}"),
        RolloutAction::DeleteAnalysisRun { name } => format!("forget {name}"),
        RolloutAction::SetStatus { status } => format!(
            "status {} step {:?}: {}",
            status.phase.as_str(),
            status.revisions.current_step_index,
            status.message
        ),
    }
}
