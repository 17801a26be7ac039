//! Sync options: a comma-separated annotation on an object, and a list on the application.

use smol_str::SmolStr;

use crate::object::Object;

/// The annotation that holds an object's sync options.
pub const SYNC_OPTIONS: &str = "argocd.argoproj.io/sync-options";
/// The annotation that holds an object's compare options.
pub const COMPARE_OPTIONS: &str = "argocd.argoproj.io/compare-options";

/// The items of a comma-separated annotation: trimmed, without empty ones, each once.
pub fn annotation_values<'a>(object: &'a Object, annotation: &str) -> Vec<&'a str> {
    let mut values = vec![];
    for item in object.annotation(annotation).unwrap_or_default().split(',').map(str::trim) {
        if !item.is_empty() && !values.contains(&item) {
            values.push(item);
        }
    }
    values
}

/// Whether a comma-separated annotation holds this item.
pub fn has_annotation_value(object: &Object, annotation: &str, value: &str) -> bool {
    annotation_values(object, annotation).contains(&value)
}

/// The value of the first item `option=value` of a comma-separated annotation.
pub fn annotation_option<'a>(object: &'a Object, annotation: &str, option: &str) -> Option<&'a str> {
    annotation_values(object, annotation)
        .into_iter()
        .find_map(|item| item.strip_prefix(option)?.strip_prefix('='))
}

/// The options of an application, or of one sync.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct SyncOptions(Vec<SmolStr>);

impl SyncOptions {
    /// The options of an application, then those of one sync.
    pub fn new(application: &[SmolStr], operation: &[SmolStr]) -> Self {
        Self(application.iter().chain(operation).cloned().collect())
    }

    /// Whether the option is there, as `CreateNamespace=true`.
    pub fn has(&self, option: &str) -> bool {
        self.0.iter().any(|item| item == option)
    }

    /// The value of the first item `option=value`.
    pub fn value(&self, option: &str) -> Option<&str> {
        self.0.iter().find_map(|item| item.strip_prefix(option)?.strip_prefix('='))
    }
}

/// How an object is written to the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// `kubectl apply`.
    Apply,
    /// `kubectl create`.
    Create,
    /// `kubectl replace`: the object may be made anew.
    Replace,
    /// An update in place, for what must not be made anew.
    Update,
}

impl Verb {
    /// The verb in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Create => "create",
            Self::Replace => "replace",
            Self::Update => "update",
        }
    }
}

/// How an object is written, with the flags that go with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApplyMode {
    /// The verb.
    pub verb: Verb,
    /// Whether an object that cannot be changed is made anew.
    pub force: bool,
    /// Whether the API server merges (`ServerSideApply=true`).
    pub server_side: bool,
    /// Whether the API server validates against its schema.
    pub validate: bool,
}

/// Kinds whose removal would remove what they hold: they are updated, never replaced.
const NEVER_REPLACED: [&str; 2] = ["Namespace", "CustomResourceDefinition"];

/// How `target` is written over `live`. `force` is the sync's own flag.
///
/// `Replace` wins over `ServerSideApply`; `Replace` and `Force` are read from both objects, server-side apply
/// from the target only.
pub fn apply_mode(target: &Object, live: Option<&Object>, options: &SyncOptions, force: bool) -> ApplyMode {
    let on_target = |option| has_annotation_value(target, SYNC_OPTIONS, option);
    let on_either = |option| {
        on_target(option) || live.is_some_and(|live| has_annotation_value(live, SYNC_OPTIONS, option))
    };
    let replace = options.has("Replace=true") || on_either("Replace=true");
    let server_side = !on_target("ServerSideApply=false")
        && (options.has("ServerSideApply=true") || on_target("ServerSideApply=true"));
    let verb = match (replace, live) {
        (false, _) => Verb::Apply,
        (true, None) => Verb::Create,
        (true, Some(_)) if NEVER_REPLACED.contains(&target.key.kind.as_str()) => Verb::Update,
        (true, Some(_)) => Verb::Replace,
    };
    ApplyMode {
        verb,
        force: force || options.has("Force=true") || on_either("Force=true"),
        server_side: server_side && !replace,
        validate: !options.has("Validate=false") && !on_target("Validate=false"),
    }
}

/// What becomes of a live object that left the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PruneDecision {
    /// It is deleted.
    Prune,
    /// It stays.
    Skip,
    /// It stays until someone confirms.
    WaitConfirmation,
}

/// Decides over a live object that left the source. The object's own option beats the application's; any value
/// but `false` and `confirm` prunes. A confirmation is asked for even where the sync does not prune.
pub fn prune_decision(
    live: &Object,
    prune: bool,
    application_option: Option<&str>,
    confirmed: bool,
) -> PruneDecision {
    let option = annotation_option(live, SYNC_OPTIONS, "Prune").or(application_option);
    match option {
        Some("confirm") if !confirmed => PruneDecision::WaitConfirmation,
        Some("false") => PruneDecision::Skip,
        Some(_) | None if prune => PruneDecision::Prune,
        Some(_) | None => PruneDecision::Skip,
    }
}

/// Whether deleting the object, with its application or by a prune, needs a confirmation.
pub fn requires_deletion_confirmation(object: &Object, options: &SyncOptions) -> bool {
    ["Delete", "Prune"].into_iter().any(|option| {
        let value = annotation_option(object, SYNC_OPTIONS, option).or_else(|| options.value(option));
        value == Some("confirm")
    })
}
