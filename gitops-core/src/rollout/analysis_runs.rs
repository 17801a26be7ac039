//! The AnalysisRuns of a Rollout: which to create, which to end, and what their verdicts do.

use std::collections::BTreeMap;

use smol_str::{SmolStr, format_smolstr};

use crate::api::analysis::{AnalysisPhase, AnalysisRun, AnalysisRunSpec, AnalysisTemplate};
use crate::api::rollout::{
    AnalysisRunReference, POD_TEMPLATE_HASH_LABEL, REVISION_ANNOTATION, RolloutAnalysis, StepKind,
    TemplateReference, pause_reason,
};
use crate::yaml::Node;

use super::RolloutAction;
use super::pass::Pass;
use super::replica_set::ReplicaSet;
use super::templates::{TemplateError, flatten, merge_args, owner, rollout_args};

/// The label that tells of which kind a run is.
pub const ROLLOUT_TYPE_LABEL: &str = "rollout-type";
/// The label that tells of which step a run is.
pub const STEP_INDEX_LABEL: &str = "step-index";

/// Which of a Rollout's runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Of the step with this index.
    Step(i32),
    /// Beside the steps.
    Background,
}

impl Kind {
    fn label(self) -> &'static str {
        match self {
            Self::Step(_) => "Step",
            Self::Background => "Background",
        }
    }

    fn abort_message(self) -> &'static str {
        match self {
            Self::Step(_) => "Step-based analysis phase error/failed",
            Self::Background => "Background analysis phase error/failed",
        }
    }
}

impl<'a> Pass<'a> {
    /// Creates, ends and reads the runs of this pass (`reconcileAnalysisRuns`).
    pub(super) fn reconcile_analysis_runs(&mut self) {
        let status = self.situation.status;
        let is_over = status.is_fully_promoted()
            || self.is_aborted()
            || status.control.promote_full
            || self.is_fast_rollback()
            || status.revisions.stable_rs.is_empty();
        let (step, background) = if is_over {
            (None, None)
        } else {
            let step = self.reconcile_step_run();
            (step, self.reconcile_background_run())
        };
        self.announce("Step", status.canary.step_analysis.as_ref(), step.as_ref());
        self.announce("Background", status.canary.background_analysis.as_ref(), background.as_ref());
        let kept = |run: &AnalysisRun| {
            [&step, &background].into_iter().flatten().any(|reference| reference.name == run.key.name)
        };
        let others: Vec<&'a AnalysisRun> = self.seen.runs.iter().filter(|run| !kept(run)).collect();
        self.end(&others);
        self.next.canary.step_analysis = step;
        self.next.canary.background_analysis = background;
    }

    /// Ends the runs that no one waits for, and deletes those beyond the limits of history.
    fn end(&mut self, others: &[&AnalysisRun]) {
        for run in others.iter().filter(|run| !run.spec.terminate && !run.status.phase.is_completed()) {
            self.act(RolloutAction::TerminateAnalysisRun { name: run.key.name.clone() });
        }
        let history = self.situation.spec.history;
        let limits = (history.successful_runs.unwrap_or(5), history.unsuccessful_runs.unwrap_or(5));
        for run in runs_to_delete(others, &self.seen.replica_sets, limits) {
            if !run.is_deleting {
                self.act(RolloutAction::DeleteAnalysisRun { name: run.key.name.clone() });
            }
        }
    }

    fn current_run(&self, reference: Option<&AnalysisRunReference>) -> Option<&'a AnalysisRun> {
        let name = &reference?.name;
        self.seen.runs.iter().find(|run| run.key.name == *name)
    }

    fn reconcile_step_run(&mut self) -> Option<AnalysisRunReference> {
        let status = self.situation.status;
        let stored = status.canary.step_analysis.as_ref();
        let current = self.current_run(stored);
        if !status.control.pause_conditions.is_empty() || status.control.abort {
            return current.map(reference);
        }
        let (Some(step), Some(index)) = self.situation.current_step() else { return None };
        let StepKind::Analysis(analysis) = step.kind() else { return None };
        let label = current.and_then(|run| run.labels.get(STEP_INDEX_LABEL));
        let is_of_other_step =
            current.is_some() && label.is_none_or(|label| *label != format_smolstr!("{index}"));
        if analysis.templates.is_empty() || is_of_other_step {
            return None;
        }
        self.run_or_create(Kind::Step(index), analysis, current)
    }

    fn reconcile_background_run(&mut self) -> Option<AnalysisRunReference> {
        let status = self.situation.status;
        let background = self.situation.canary().and_then(|canary| canary.analysis.as_ref())?;
        if background.analysis.templates.is_empty()
            || status.revisions.current_pod_hash.is_empty()
            || self.situation.is_before_starting_step()
        {
            return None;
        }
        let current = self.current_run(status.canary.background_analysis.as_ref());
        if status.pause_condition(pause_reason::INCONCLUSIVE_ANALYSIS).is_some() {
            return current.map(reference);
        }
        self.run_or_create(Kind::Background, &background.analysis, current)
    }

    /// The current run with what its verdict does, or a new one where one is due.
    fn run_or_create(
        &mut self,
        kind: Kind,
        analysis: &RolloutAnalysis,
        current: Option<&AnalysisRun>,
    ) -> Option<AnalysisRunReference> {
        let Some(run) = current.filter(|run| !self.is_new_run_due(run)) else {
            return match self.create_run(kind, analysis) {
                Ok(reference) => Some(reference),
                Err(error) => {
                    self.warning("AnalysisRunError", error.to_string());
                    self.control.abort = Some(format!("analysis could not be started: {error}"));
                    None
                }
            };
        };
        match run.status.phase {
            AnalysisPhase::Inconclusive => self.control.pause = Some(pause_reason::INCONCLUSIVE_ANALYSIS),
            AnalysisPhase::Failed | AnalysisPhase::Error => {
                let detail = super::verdict::verdict(run).or_else(|| non_empty(&run.status.message));
                let detail = detail.map(|detail| format!(": {detail}")).unwrap_or_default();
                self.control.abort = Some(format!("{}{detail}", kind.abort_message()));
            }
            AnalysisPhase::Empty
            | AnalysisPhase::Pending
            | AnalysisPhase::Running
            | AnalysisPhase::Successful => {}
        }
        Some(reference(run))
    }

    /// Whether another run is due: after a person resumed an inconclusive one, or retried an aborted update
    /// (`needsNewAnalysisRun`).
    fn is_new_run_due(&self, current: &AnalysisRun) -> bool {
        let status = self.situation.status;
        if status.control.controller_pause
            && status.pause_condition(pause_reason::CANARY_PAUSE_STEP).is_none()
        {
            return current.status.phase == AnalysisPhase::Inconclusive;
        }
        status.control.aborted_at.is_some()
    }

    fn create_run(
        &mut self,
        kind: Kind,
        analysis: &RolloutAnalysis,
    ) -> Result<AnalysisRunReference, TemplateError> {
        let seen = self.seen;
        let templates = collect(&analysis.templates, &seen.templates)?;
        let whole = flatten(&templates)?;
        let given = rollout_args(&analysis.args, self.rollout, self.roles.stable, self.roles.new)?;
        let spec = AnalysisRunSpec {
            metrics: whole.metrics,
            args: merge_args(&given, &whole.args)?,
            terminate: false,
            dry_run: whole.dry_run.into_iter().chain(analysis.dry_run.iter().cloned()).collect(),
            measurement_retention: {
                let own = analysis.measurement_retention.iter().cloned();
                whole.measurement_retention.into_iter().chain(own).collect()
            },
            time_to_live: None,
        };
        let base = self.run_name(kind);
        if let Some(run) = self.reusable(&base, &spec) {
            return Ok(reference(run));
        }
        let name = self.free_name(&base);
        let manifest = self.run_manifest(kind, analysis, &name, &spec);
        self.act(RolloutAction::CreateAnalysisRun { name: name.clone(), manifest });
        Ok(AnalysisRunReference { name, status: AnalysisPhase::Empty, message: String::new() })
    }

    fn run_name(&self, kind: Kind) -> SmolStr {
        let hash = self.roles.new.map(|new| new.hash.as_str()).unwrap_or_default();
        let base = format_smolstr!("{}-{hash}-{}", self.rollout.key.name, self.revision());
        match kind {
            Kind::Step(index) => format_smolstr!("{base}-{index}"),
            Kind::Background => base,
        }
    }

    fn reusable(&self, base: &str, spec: &AnalysisRunSpec) -> Option<&'a AnalysisRun> {
        let is_same = |run: &&AnalysisRun| {
            let own =
                run.key.name.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
            own && !run.status.phase.is_completed() && !run.spec.terminate && {
                run.spec.metrics == spec.metrics && run.spec.args == spec.args
            }
        };
        self.seen.runs.iter().find(is_same)
    }

    fn free_name(&self, base: &SmolStr) -> SmolStr {
        let is_taken = |name: &SmolStr| self.seen.runs.iter().any(|run| run.key.name == *name);
        let numbered = (1..=self.seen.runs.len()).map(|count| format_smolstr!("{base}.{count}"));
        let mut names = std::iter::once(base.clone()).chain(numbered);
        names.find(|name| !is_taken(name)).unwrap_or_else(|| base.clone())
    }

    fn run_manifest(
        &self,
        kind: Kind,
        analysis: &RolloutAnalysis,
        name: &str,
        spec: &AnalysisRunSpec,
    ) -> Node {
        let hash = self.roles.new.map(|new| new.hash.clone()).unwrap_or_default();
        let mut labels: BTreeMap<SmolStr, SmolStr> = BTreeMap::from([
            (POD_TEMPLATE_HASH_LABEL.into(), hash),
            (ROLLOUT_TYPE_LABEL.into(), kind.label().into()),
        ]);
        if let Kind::Step(index) = kind {
            labels.insert(STEP_INDEX_LABEL.into(), format_smolstr!("{index}"));
        }
        labels.extend(analysis.run_labels.clone());
        let selector = self.situation.spec.selector.as_ref().and_then(|selector| selector.get("matchLabels"));
        for entry in selector.map_or(&[][..], Node::entries) {
            labels.insert(entry.key.shared_text(), entry.value.text().unwrap_or_default().into());
        }
        let revision = format_smolstr!("{}", self.revision());
        let mut annotations = BTreeMap::from([(SmolStr::from(REVISION_ANNOTATION), revision)]);
        annotations.extend(analysis.run_annotations.clone());
        let map = |map: BTreeMap<SmolStr, SmolStr>| {
            Node::mapping(map.into_iter().map(|(key, value)| (key, Node::string(value))))
        };
        Node::mapping([
            ("apiVersion", Node::string("argoproj.io/v1alpha1")),
            ("kind", Node::string("AnalysisRun")),
            (
                "metadata",
                Node::mapping([
                    ("name", Node::string(name)),
                    ("namespace", Node::string(self.rollout.key.namespace.clone())),
                    ("labels", map(labels)),
                    ("annotations", map(annotations)),
                    ("ownerReferences", Node::sequence([owner(self.rollout)])),
                ]),
            ),
            ("spec", spec.to_node()),
        ])
    }

    /// Tells of a run whose phase is another than the stored one.
    fn announce(
        &mut self,
        kind: &'static str,
        stored: Option<&AnalysisRunReference>,
        current: Option<&AnalysisRunReference>,
    ) {
        let Some(current) = current else { return };
        let is_news =
            stored.is_none_or(|stored| stored.name == current.name && stored.status != current.status);
        let before = stored.map_or("NoPreviousStatus", |stored| stored.status.as_str());
        let (name, phase) = (&current.name, current.status.as_str());
        let message = format!("{kind} Analysis Run '{name}' Status New: '{phase}' Previous: '{before}'");
        match current.status {
            AnalysisPhase::Failed if is_news => self.warning("AnalysisRunFailed", message),
            AnalysisPhase::Error if is_news => self.warning("AnalysisRunError", message),
            AnalysisPhase::Running if is_news => self.normal("AnalysisRunRunning", message),
            AnalysisPhase::Successful if is_news => self.normal("AnalysisRunSuccessful", message),
            AnalysisPhase::Inconclusive if is_news => self.normal("AnalysisRunInconclusive", message),
            AnalysisPhase::Pending if is_news => self.normal("AnalysisRunPending", message),
            AnalysisPhase::Empty
            | AnalysisPhase::Pending
            | AnalysisPhase::Running
            | AnalysisPhase::Successful
            | AnalysisPhase::Failed
            | AnalysisPhase::Error
            | AnalysisPhase::Inconclusive => {}
        }
    }

    /// Whether the run of the current step has succeeded.
    pub(super) fn is_step_analysis_successful(&self) -> bool {
        let run = self.next.canary.step_analysis.as_ref();
        run.is_some_and(|run| run.status == AnalysisPhase::Successful)
    }
}

fn non_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn reference(run: &AnalysisRun) -> AnalysisRunReference {
    AnalysisRunReference {
        name: run.key.name.clone(),
        status: run.status.phase,
        message: run.status.message.clone(),
    }
}

/// The templates of a list of names, those that they name included, each once.
fn collect<'t>(
    names: &'t [TemplateReference],
    templates: &'t [AnalysisTemplate],
) -> Result<Vec<&'t AnalysisTemplate>, TemplateError> {
    let mut found: Vec<&AnalysisTemplate> = vec![];
    let mut open: std::collections::VecDeque<&TemplateReference> = names.iter().collect();
    let mut asked: Vec<&TemplateReference> = vec![];
    while let Some(reference) = open.pop_front() {
        if asked.contains(&reference) {
            continue;
        }
        asked.push(reference);
        let template = templates.iter().find(|template| {
            template.key.name == reference.template_name
                && template.is_cluster_scoped() == reference.cluster_scope
        });
        let kind = if reference.cluster_scope { "ClusterAnalysisTemplate" } else { "AnalysisTemplate" };
        let template = template
            .ok_or_else(|| TemplateError::NotFound { kind, name: reference.template_name.clone() })?;
        found.push(template);
        open.extend(&template.spec.templates);
    }
    Ok(found)
}

/// The runs beyond the limits for successful and unsuccessful ones, newest kept; and those whose ReplicaSet is
/// gone or going (`FilterAnalysisRunsToDelete`).
pub fn runs_to_delete<'r>(
    runs: &[&'r AnalysisRun],
    sets: &[ReplicaSet],
    (successful, unsuccessful): (i32, i32),
) -> Vec<&'r AnalysisRun> {
    let mut runs = runs.to_vec();
    runs.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| b.key.name.cmp(&a.key.name)));
    let mut left = (successful, unsuccessful);
    let mut delete = vec![];
    for run in runs {
        let hash = run.labels.get(POD_TEMPLATE_HASH_LABEL);
        let set = hash.and_then(|hash| sets.iter().rev().find(|set| set.hash == *hash));
        let quota = match run.status.phase {
            AnalysisPhase::Successful => Some(&mut left.0),
            AnalysisPhase::Failed | AnalysisPhase::Error | AnalysisPhase::Inconclusive => Some(&mut left.1),
            AnalysisPhase::Empty | AnalysisPhase::Pending | AnalysisPhase::Running => None,
        };
        if set.is_none_or(|set| set.is_deleting) {
            delete.push(run);
        } else if let Some(quota) = quota {
            if *quota > 0 {
                *quota -= 1;
            } else {
                delete.push(run);
            }
        }
    }
    delete
}
