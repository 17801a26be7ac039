//! What a sync does, in which order: every object and hook as a task in its phase and wave.

use smol_str::SmolStr;

use super::compare::{Change, CompareRules, Comparison, ObjectComparison, respect_ignored};
use super::hook::{DeletePolicy, HOOK_FINALIZER, delete_policies, is_hook, sync_phases};
use super::options::{
    ApplyMode, PruneDecision, SYNC_OPTIONS, SyncOptions, apply_mode, has_annotation_value, prune_decision,
};
use super::order::{Step, arrange};
use crate::api::application::{ManagedNamespaceMetadata, SyncOperation, SyncPhase, SyncStrategy};
use crate::diagnostic::Location;
use crate::object::{Object, ObjectKey, group_and_version};
use crate::time::Timestamp;
use crate::yaml::Node;

/// The annotation that ties a live hook to the very try of the sync that made it.
pub const HOOK_RUN: &str = "gitops/hook-run";

/// What a sync does.
#[derive(Clone, Debug, Default)]
pub struct SyncPlan {
    /// The waves up to success, in order.
    pub waves: Vec<Wave>,
    /// The hooks that run if one of them fails.
    pub on_failure: Vec<Task>,
    /// What becomes of the dependents of a pruned object.
    pub propagation: Propagation,
    /// Whether nothing is written.
    pub dry_run: bool,
}

impl SyncPlan {
    /// Every task up to success, in order.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.waves.iter().flat_map(|wave| &wave.tasks)
    }

    /// Whether nothing would be written.
    pub fn is_empty(&self) -> bool {
        self.tasks().next().is_none()
    }
}

/// The tasks that run together.
#[derive(Clone, Debug)]
pub struct Wave {
    /// The phase.
    pub phase: SyncPhase,
    /// The number within the phase.
    pub number: i64,
    /// The tasks in order.
    pub tasks: Vec<Task>,
}

/// One object of a sync.
#[derive(Clone, Debug)]
pub struct Task {
    /// Which object.
    pub key: ObjectKey,
    /// Its API version.
    pub version: SmolStr,
    /// The phase in which it is handled.
    pub phase: SyncPhase,
    /// What is done.
    pub work: Work,
    /// When the hook is deleted; `None` where the object is no hook.
    pub hook: Option<Vec<DeletePolicy>>,
    /// Whether the dry run may pass over it, because its kind is not known yet.
    pub may_lack_kind: bool,
}

impl Task {
    /// Whether the object is a hook.
    pub fn is_hook(&self) -> bool {
        self.hook.is_some()
    }

    /// Whether the hook is deleted under this policy.
    pub fn has_policy(&self, policy: DeletePolicy) -> bool {
        self.hook.as_ref().is_some_and(|policies| policies.contains(&policy))
    }
}

/// What is done with one object.
#[derive(Clone, Debug)]
pub enum Work {
    /// It is written.
    Apply {
        /// As it is wanted.
        target: Box<Object>,
        /// How it is written.
        mode: ApplyMode,
    },
    /// It left the source.
    Prune(PruneDecision),
}

/// What becomes of the dependents of a deleted object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Propagation {
    /// They go first.
    #[default]
    Foreground,
    /// They go later.
    Background,
    /// They stay.
    Orphan,
}

/// What a plan follows.
#[derive(Clone, Debug)]
pub struct SyncPolicy<'a> {
    /// What was asked for.
    pub operation: &'a SyncOperation,
    /// The options of the application and of this sync.
    pub options: SyncOptions,
    /// The destination's namespace; empty where there is none.
    pub namespace: SmolStr,
    /// The metadata of the namespace that `CreateNamespace=true` makes.
    pub namespace_metadata: Option<&'a ManagedNamespaceMetadata>,
    /// The commit.
    pub revision: &'a str,
    /// When the operation began.
    pub started_at: Timestamp,
    /// Whether someone confirmed the prunes that ask for it, after the operation began.
    pub prune_confirmed: bool,
    /// How objects are compared.
    pub rules: CompareRules<'a>,
}

impl<'a> SyncPolicy<'a> {
    /// The policy of `operation` alone: its own options, no namespace to make, no revision, and the epoch as its
    /// beginning. Set the fields that matter.
    pub fn new(operation: &'a SyncOperation, rules: CompareRules<'a>) -> Self {
        Self {
            operation,
            options: SyncOptions::new(&[], &operation.sync_options),
            namespace: SmolStr::default(),
            namespace_metadata: None,
            revision: "",
            started_at: Timestamp::default(),
            prune_confirmed: false,
            rules,
        }
    }
}

/// Why a sync cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// An option has a value that it does not know.
    #[error("sync option `{option}` does not know `{value}`")]
    Option {
        /// The option.
        option: &'static str,
        /// Its value.
        value: SmolStr,
    },
    /// `FailOnSharedResource=true`, and another application has the object too.
    #[error("`{key}` is part of application `{application}` too")]
    Shared {
        /// The object.
        key: ObjectKey,
        /// The other application.
        application: SmolStr,
    },
    /// A hook has neither a name nor a beginning of one.
    #[error("{at}: a hook of kind `{kind}` has neither `metadata.name` nor `metadata.generateName`")]
    NamelessHook {
        /// Where the hook was read.
        at: Location,
        /// Its kind.
        kind: SmolStr,
    },
}

impl PlanError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Option { .. } => Some("`PrunePropagationPolicy` is `foreground`, `background` or `orphan`"),
            Self::Shared { .. } => Some("remove the object from one of the two applications"),
            Self::NamelessHook { .. } => None,
        }
    }
}

/// Plans a sync from what differs.
///
/// A sync of some objects leaves hooks out, and so does the strategy `apply`. The order is Argo CD's.
pub fn plan(comparison: &Comparison, policy: &SyncPolicy<'_>) -> Result<SyncPlan, PlanError> {
    refuse_shared(comparison, &policy.options)?;
    let mut steps: Vec<Step> = comparison
        .objects
        .iter()
        .filter(|object| policy.operation.selects(&object.key))
        .filter(|object| !policy.options.has("ApplyOutOfSyncOnly=true") || object.change != Change::Unchanged)
        .filter_map(|object| Step::new(SyncPhase::Sync, target_of(object, policy), object.live.clone()))
        .collect();
    if policy.operation.strategy == SyncStrategy::Hook && !policy.operation.is_selective() {
        steps.extend(hook_steps(comparison, policy)?);
    }
    steps.extend(namespace_step(comparison, policy));
    let steps = arrange(steps, policy.options.has("PruneLast=true"));
    let mut plan = SyncPlan {
        propagation: propagation(&policy.options)?,
        dry_run: policy.operation.dry_run,
        ..SyncPlan::default()
    };
    for step in &steps {
        let Some(task) = task(step, &steps, policy) else { continue };
        match plan.waves.last_mut() {
            _ if step.phase == SyncPhase::SyncFail => plan.on_failure.push(task),
            Some(wave) if wave.phase == step.phase && wave.number == step.wave => wave.tasks.push(task),
            Some(_) | None => {
                plan.waves.push(Wave { phase: step.phase, number: step.wave, tasks: vec![task] });
            }
        }
    }
    Ok(plan)
}

fn refuse_shared(comparison: &Comparison, options: &SyncOptions) -> Result<(), PlanError> {
    if !options.has("FailOnSharedResource=true") {
        return Ok(());
    }
    let shared = |object: &ObjectComparison| Some((object.key.clone(), object.shared_with.clone()?));
    match comparison.objects.iter().find_map(shared) {
        Some((key, application)) => Err(PlanError::Shared { key, application }),
        None => Ok(()),
    }
}

fn target_of(object: &ObjectComparison, policy: &SyncPolicy<'_>) -> Option<Object> {
    let desired = object.desired.as_ref()?;
    match &object.live {
        Some(live) if policy.options.has("RespectIgnoreDifferences=true") => {
            Some(respect_ignored(desired, live, &policy.rules))
        }
        Some(_) | None => Some(desired.clone()),
    }
}

fn hook_steps(comparison: &Comparison, policy: &SyncPolicy<'_>) -> Result<Vec<Step>, PlanError> {
    let mut steps = vec![];
    for hook in &comparison.hooks {
        for phase in sync_phases(hook) {
            let target = named_hook(hook, phase, policy)?;
            let live = comparison.live.get(&target.key).cloned();
            steps.extend(Step::new(phase, Some(target), live));
        }
    }
    Ok(steps)
}

/// The hook as it is made: with a name that follows from the operation alone, so that a second try of the same
/// step names the same object.
fn named_hook(hook: &Object, phase: SyncPhase, policy: &SyncPolicy<'_>) -> Result<Object, PlanError> {
    let mut target = hook.clone();
    if target.key.name.is_empty() {
        let Some(beginning) = hook.root.str_at(&["metadata", "generateName"]) else {
            return Err(PlanError::NamelessHook { at: hook.at.clone(), kind: hook.key.kind.clone() });
        };
        let revision =
            policy.revision.get(..7).filter(|_| policy.revision.len() >= 8).unwrap_or(policy.revision);
        let suffix = format!("{revision}-{phase}-{}", policy.started_at.as_seconds()).to_lowercase();
        target.key.name = format!("{beginning}{suffix}").into();
        target.root.set_at(&["metadata", "name"], Node::string(target.key.name.clone()));
    }
    let mut finalizers: Vec<Node> =
        target.root.at(&["metadata", "finalizers"]).map_or(&[][..], Node::items).to_vec();
    if !finalizers.iter().any(|finalizer| finalizer.as_str() == Some(HOOK_FINALIZER)) {
        finalizers.push(Node::string(HOOK_FINALIZER));
        target.root.set_at(&["metadata", "finalizers"], Node::sequence(finalizers));
    }
    Ok(target)
}

/// `CreateNamespace=true`: the destination's namespace, unless the source holds it, or it is there as wanted.
fn namespace_step(comparison: &Comparison, policy: &SyncPolicy<'_>) -> Option<Step> {
    if !policy.options.has("CreateNamespace=true") || policy.namespace.is_empty() {
        return None;
    }
    let key = ObjectKey::new("", "Namespace", "", policy.namespace.clone());
    let wanted =
        comparison.objects.iter().filter_map(|object| object.desired.as_ref()).chain(&comparison.hooks);
    if wanted.into_iter().any(|object| object.key == key) {
        return None;
    }
    let mut metadata = Node::mapping([("name", Node::string(policy.namespace.clone()))]);
    for (field, pairs) in policy
        .namespace_metadata
        .iter()
        .flat_map(|of| [("labels", &of.labels), ("annotations", &of.annotations)])
    {
        for (name, value) in pairs {
            metadata.set_at(&[field, name], Node::string(value.clone()));
        }
    }
    let root = Node::mapping([
        ("apiVersion", Node::string("v1")),
        ("kind", Node::string("Namespace")),
        ("metadata", metadata),
    ]);
    let target = Object { key: key.clone(), root, at: Location::default() };
    let live = comparison.live.get(&key).cloned();
    let is_there = live.as_ref().is_some_and(|live| {
        crate::diff::diff(&target, live, policy.rules.schemas, policy.rules.ignore).is_empty()
    });
    if is_there { None } else { Step::new(SyncPhase::PreSync, Some(target), live) }
}

fn propagation(options: &SyncOptions) -> Result<Propagation, PlanError> {
    match options.value("PrunePropagationPolicy") {
        None | Some("foreground") => Ok(Propagation::Foreground),
        Some("background") => Ok(Propagation::Background),
        Some("orphan") => Ok(Propagation::Orphan),
        Some(value) => Err(PlanError::Option { option: "PrunePropagationPolicy", value: value.into() }),
    }
}

fn task(step: &Step, steps: &[Step], policy: &SyncPolicy<'_>) -> Option<Task> {
    let object = step.object()?;
    let work = match &step.target {
        Some(target) => Work::Apply {
            target: Box::new(target.clone()),
            mode: apply_mode(target, step.live.as_ref(), &policy.options, policy.operation.force),
        },
        None => Work::Prune(prune_decision(
            object,
            policy.operation.prune,
            policy.options.value("Prune"),
            policy.prune_confirmed,
        )),
    };
    Some(Task {
        key: object.key.clone(),
        version: group_and_version(object.api_version()).1.into(),
        phase: step.phase,
        work,
        hook: is_hook(object).then(|| delete_policies(object)),
        may_lack_kind: policy.options.has("SkipDryRunOnMissingResource=true")
            || has_annotation_value(object, SYNC_OPTIONS, "SkipDryRunOnMissingResource=true")
            || defines(steps, object),
    })
}

/// Whether the same sync brings the definition of the object's kind.
fn defines(steps: &[Step], object: &Object) -> bool {
    steps.iter().filter_map(|step| step.target.as_ref()).any(|target| {
        target.key.kind == "CustomResourceDefinition"
            && target.root.str_at(&["spec", "group"]) == Some(object.key.group.as_str())
            && target.root.str_at(&["spec", "names", "kind"]) == Some(object.key.kind.as_str())
    })
}
