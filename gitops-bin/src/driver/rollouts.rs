//! Rollouts and their AnalysisRuns: observe, ask the core, carry out.

use gitops_core::api::analysis::{AnalysisRun, AnalysisTemplate};
use gitops_core::api::rollout::Rollout;
use gitops_core::metric::Value;
use gitops_core::object::{Object, ObjectKey};
use gitops_core::rollout::analysis::{self, AnalysisAction, Sample};
use gitops_core::rollout::{self, IngressSeen, ReplicaSet, RolloutObserved, ServiceSeen};
use gitops_core::yaml::Node;
use gitops_ports::cluster::ClusterError;
use gitops_ports::metrics::QueryResult;
use gitops_ports::{Clock as _, Cluster as _, MetricsSource as _};

use super::objects::{self, list};
use super::{Driver, DriverError, Outside, rollout_actions};

/// How often one run is asked on within one pass: a query, its verdict, the next status.
const MOST_ANALYSIS_STEPS: usize = 8;

impl<O: Outside> Driver<O> {
    /// One pass over every Rollout and every AnalysisRun; says whether anything was done.
    pub(super) async fn reconcile_rollouts(&mut self) -> Result<bool, DriverError> {
        let mut worked = false;
        for object in list(self.outside.cluster(), ("argoproj.io", "Rollout"), None).await? {
            match self.reconcile_rollout(&object).await {
                Ok(acted) => worked |= acted,
                Err(error) => self.note_once(&object.key, "RolloutReconcileError", error.to_string()),
            }
        }
        for object in list(self.outside.cluster(), ("argoproj.io", "AnalysisRun"), None).await? {
            match self.reconcile_run(&object).await {
                Ok(acted) => worked |= acted,
                Err(error) => self.note_once(&object.key, "AnalysisRunReconcileError", error.to_string()),
            }
        }
        Ok(worked)
    }

    async fn reconcile_rollout(&mut self, object: &Object) -> Result<bool, DriverError> {
        let rollout = Rollout::of(object).map_err(|error| DriverError::Outside(error.to_string()))?;
        let seen = self.observe_rollout(object, &rollout).await?;
        let now = self.outside.clock().now();
        let decision = rollout::step(&rollout, &rollout.status, &seen, now);
        for event in decision.events {
            self.events.note(event, now);
        }
        self.wake(decision.wake_at);
        let worked = !decision.actions.is_empty();
        for action in decision.actions {
            match rollout_actions::carry_out(self.outside.cluster(), object, action).await {
                Ok(()) => {}
                // Somebody wrote in between, or what was seen is gone: drop the rest and observe again.
                Err(ClusterError::Conflict { .. } | ClusterError::NotFound { .. }) => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(worked)
    }

    /// Everything that decides about a Rollout.
    pub(super) async fn observe_rollout(
        &self,
        object: &Object,
        rollout: &Rollout,
    ) -> Result<RolloutObserved, DriverError> {
        let cluster = self.outside.cluster();
        let namespace = Some(object.key.namespace.as_str());
        let mut seen = RolloutObserved::default();
        for set in list(cluster, ("apps", "ReplicaSet"), namespace).await? {
            if is_owned_by(&set, object) {
                seen.replica_sets.push(ReplicaSet::from_node(&set.root));
            }
        }
        for run in list(cluster, ("argoproj.io", "AnalysisRun"), namespace).await? {
            if is_owned_by(&run, object)
                && let Ok(run) = AnalysisRun::of(&run)
            {
                seen.runs.push(run);
            }
        }
        for template in list(cluster, ("argoproj.io", "AnalysisTemplate"), namespace).await? {
            seen.templates.extend(AnalysisTemplate::of(&template).ok());
        }
        for template in list(cluster, ("argoproj.io", "ClusterAnalysisTemplate"), None).await? {
            seen.templates.extend(AnalysisTemplate::of(&template).ok());
        }
        for service in list(cluster, ("", "Service"), namespace).await? {
            seen.services.insert(service.key.name.clone(), service_seen(&service));
        }
        if rollout.traffic_routing().is_some() {
            for ingress in list(cluster, ("networking.k8s.io", "Ingress"), namespace).await? {
                seen.ingresses.insert(ingress.key.name.clone(), ingress_seen(&ingress));
            }
        }
        Ok(seen)
    }

    async fn reconcile_run(&mut self, object: &Object) -> Result<bool, DriverError> {
        let Ok(mut run) = AnalysisRun::of(object) else { return Ok(false) };
        if run.status.phase.is_completed() {
            return Ok(false);
        }
        let mut object = object.clone();
        let mut samples: Vec<Sample> = vec![];
        let mut worked = false;
        for _ in 0..MOST_ANALYSIS_STEPS {
            let now = self.outside.clock().now();
            let decision = analysis::step(&run, &samples, &std::collections::BTreeMap::new(), now);
            for event in decision.events {
                self.events.note(event, now);
            }
            self.wake(decision.wake_at);
            if decision.actions.is_empty() {
                break;
            }
            worked = true;
            samples.clear();
            for action in decision.actions {
                match action {
                    AnalysisAction::Query { metric, provider, query } => {
                        let result = self.measure(&provider, &query).await;
                        samples.push(Sample { metric, started_at: now, result });
                    }
                    AnalysisAction::SetStatus { status } => {
                        match objects::set_status(self.outside.cluster(), &object, status.to_node()).await {
                            Ok(()) => run.status = *status,
                            Err(ClusterError::Conflict { .. } | ClusterError::NotFound { .. }) => {
                                return Ok(true);
                            }
                            Err(error) => return Err(error.into()),
                        }
                        if let Some(newer) = self.outside.cluster().get(&object.key).await? {
                            object = newer;
                        }
                    }
                }
            }
        }
        Ok(worked)
    }

    /// One measurement. What the provider refuses is part of the answer: the run counts it as an error.
    async fn measure(&self, provider: &str, query: &Node) -> Result<Value, String> {
        if provider != "prometheus" {
            return Err(format!("provider `{provider}` is not supported yet"));
        }
        let text = query.str_at(&["query"]).unwrap_or_default();
        let at = self.outside.clock().now();
        match self.outside.metrics().query(text, at).await {
            Ok(QueryResult::Scalar(value)) => Ok(Value::Float(value)),
            Ok(QueryResult::Vector(samples)) => {
                Ok(Value::Floats(samples.iter().map(|sample| sample.value).collect()))
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// The named Rollout.
    pub(super) async fn rollout(
        &self,
        namespace: &str,
        name: &str,
    ) -> Result<(Object, Rollout), DriverError> {
        let key = ObjectKey::new("argoproj.io", "Rollout", namespace, name);
        let object = self.outside.cluster().get(&key).await?.ok_or_else(|| DriverError::Usage {
            message: format!("no Rollout is called `{name}` in namespace `{namespace}`"),
            hint: Some("list them with `gitops get rollouts`"),
        })?;
        let rollout = Rollout::of(&object).map_err(|error| DriverError::Outside(error.to_string()))?;
        Ok((object, rollout))
    }
}

fn service_seen(service: &Object) -> ServiceSeen {
    ServiceSeen {
        hash: service
            .root
            .str_at(&["spec", "selector", "rollouts-pod-template-hash"])
            .unwrap_or_default()
            .into(),
        is_managed: service.annotation("argo-rollouts.argoproj.io/managed-by-rollouts").is_some(),
    }
}

fn ingress_seen(ingress: &Object) -> IngressSeen {
    let annotations = ingress.root.at(&["metadata", "annotations"]).map_or(&[][..], Node::entries);
    let rules = ingress.root.at(&["spec", "rules"]).map_or(&[][..], Node::items);
    let paths = rules.iter().flat_map(|rule| rule.at(&["http", "paths"]).map_or(&[][..], Node::items));
    let default = ingress.root.str_at(&["spec", "defaultBackend", "service", "name"]);
    IngressSeen {
        annotations: annotations
            .iter()
            .map(|entry| (entry.key.shared_text(), entry.value.text().unwrap_or_default().into()))
            .collect(),
        services: paths
            .filter_map(|path| path.str_at(&["backend", "service", "name"]))
            .chain(default)
            .map(Into::into)
            .collect(),
    }
}

/// Whether `owner` is the controller of `object`.
fn is_owned_by(object: &Object, owner: &Object) -> bool {
    let uid = owner.root.str_at(&["metadata", "uid"]);
    let references = object.root.at(&["metadata", "ownerReferences"]).map_or(&[][..], Node::items);
    references.iter().any(|reference| uid.is_some() && reference.str_at(&["uid"]) == uid)
}
