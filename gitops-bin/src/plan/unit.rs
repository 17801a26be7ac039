//! One Application, or one kustomization that none deploys, at both revisions.

use std::collections::BTreeSet;
use std::sync::Arc;

use gitops_core::api::application::Application;
use gitops_core::kind::Schemas;
use gitops_core::kustomize::Rendered;
use gitops_core::object::Object;
use gitops_core::preview::{self, Deployed, ObjectChange, Projects, RemovalPolicy, Subject, Verdict};
use gitops_core::sync::{self, Tracking};
use gitops_core::tree::TreePath;

use crate::batch::Outcome;
use crate::range::{self, Declared, Definition, Pair, Sides, error_of, is_same};
use crate::view::ChangeView;

/// What all of them need.
pub(super) struct Surroundings<'a> {
    pub(super) sides: &'a Sides<Outcome>,
    pub(super) schemas: &'a Schemas,
    /// Objects that define kinds.
    pub(super) definitions: &'a [&'a Object],
    pub(super) projects: &'a Projects<'a>,
    /// The files that differ between the revisions.
    pub(super) changed: &'a BTreeSet<TreePath>,
}

/// Something that is deployed as a whole.
pub(super) enum Unit<'a> {
    /// An Application, as it was and as it is.
    Application(Pair<'a>),
    /// The directory of a kustomization.
    Kustomization(&'a TreePath),
}

/// What becomes of a unit.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) kind: &'static str,
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) change: ChangeView,
    pub(super) changes: Vec<ObjectChange>,
    pub(super) verdict: Verdict,
    pub(super) notes: Vec<String>,
    pub(super) base_error: Option<String>,
    pub(super) head_error: Option<String>,
    pub(super) desired_hash: Option<String>,
}

/// A unit at one revision.
#[derive(Default)]
struct Side<'a> {
    application: Option<&'a Application>,
    outcomes: Vec<&'a Outcome>,
    notes: Vec<String>,
    error: Option<String>,
    /// Directories of this repository that are no kustomizations.
    unrendered: Vec<TreePath>,
    /// Whether a file in one of those differs between the revisions.
    is_touched: bool,
}

impl Unit<'_> {
    /// What becomes of it; nothing where it stays as it is.
    pub(super) fn plan(&self, around: &Surroundings<'_>) -> Option<Planned> {
        match self {
            Unit::Application(pair) => plan_application(*pair, around),
            Unit::Kustomization(path) => plan_kustomization(path, around),
        }
    }
}

fn plan_kustomization(path: &TreePath, around: &Surroundings<'_>) -> Option<Planned> {
    let before = around.sides.before.get(path).map(|outcome| Side::of(vec![outcome]));
    let after = around.sides.after.get(path).map(|outcome| Side::of(vec![outcome]));
    let planned = compare(before.as_ref(), after.as_ref(), around)?;
    Some(Planned { kind: "Kustomization", name: path.to_string(), ..planned })
}

fn plan_application((was, is): Pair<'_>, around: &Surroundings<'_>) -> Option<Planned> {
    let key = &is.or(was)?.object.key;
    let mut before = was.map(|was| Side::of_application(was, |path| around.sides.before.get(path)));
    let mut after = is.map(|is| Side::of_application(is, |path| around.sides.after.get(path)));
    if let (Some(before), Some(after)) = (&mut before, &mut after) {
        let known: Vec<TreePath> = before.unrendered.clone();
        before.note_alone(&after.unrendered);
        after.note_alone(&known);
    }
    for side in [&mut before, &mut after].into_iter().flatten() {
        let is_below = |file: &TreePath| side.unrendered.iter().any(|path| file.is_within(path));
        side.is_touched = around.changed.iter().any(is_below);
    }
    let planned = compare(before.as_ref(), after.as_ref(), around)?;
    let application = after.as_ref().and_then(|side| side.application);
    Some(Planned {
        kind: "Application",
        namespace: key.namespace.to_string(),
        name: key.name.to_string(),
        desired_hash: application
            .zip(after)
            .and_then(|(application, side)| side.desired_hash(application, around)),
        ..planned
    })
}

impl<'a> Side<'a> {
    fn of(outcomes: Vec<&'a Outcome>) -> Self {
        let error = outcomes.iter().find_map(|outcome| error_of(outcome));
        Self { outcomes, error, ..Self::default() }
    }

    /// What an Application takes from each of its sources.
    fn of_application(declared: &'a Declared, outcome: impl Fn(&TreePath) -> Option<&'a Outcome>) -> Self {
        let application = match &declared.definition {
            Definition::Application(Ok(application)) => application,
            // What it deploys is not known, which is not the same as nothing.
            Definition::Application(Err(error)) => {
                return Self { error: Some(error.clone()), ..Self::default() };
            }
            Definition::Project(_) | Definition::Set => return Self::default(),
        };
        let mut outcomes = vec![];
        let mut notes = vec![];
        let mut unrendered = vec![];
        for source in &application.spec.sources {
            let name = if source.path.is_empty() { &source.chart } else { &source.path };
            let found = range::directory(source).filter(|path| declared.directories.contains(path));
            match found.as_ref().map(&outcome) {
                Some(Some(found)) => outcomes.push(found),
                Some(None) => {
                    notes.push(format!("`{name}` holds no kustomization: not rendered"));
                    unrendered.extend(found);
                }
                None if !source.chart.is_empty() => notes.push(format!("the chart `{name}` is not rendered")),
                None if !source.reference.is_empty() => {}
                None => notes.push(format!("`{name}` is in another repository: not rendered")),
            }
            if source.kustomize.is_some() {
                notes.push(format!(
                    "`{name}`: what the Application itself sets in `kustomize` is not rendered"
                ));
            }
        }
        Self { application: Some(application), notes, unrendered, ..Self::of(outcomes) }
    }

    /// A directory that is rendered at the other revision alone says nothing of what comes and goes.
    fn note_alone(&mut self, other: &[TreePath]) {
        if let Some(path) = self.unrendered.iter().find(|path| !other.contains(*path)) {
            let why = format!("`{path}` holds no kustomization");
            self.error.get_or_insert(why);
        }
    }

    fn renders(&self) -> Vec<&'a Rendered> {
        let rendered = |outcome: &&'a Outcome| match outcome {
            Outcome::Rendered(rendered) => Some(Arc::as_ref(rendered)),
            Outcome::Failed(_) | Outcome::Unreadable(_) => None,
        };
        self.outcomes.iter().filter_map(rendered).collect()
    }

    fn deployed(&self, around: &Surroundings<'_>) -> Deployed<'a> {
        let namespace = self.application.map_or("", |application| &application.spec.destination.namespace);
        Deployed::new(&self.renders(), namespace, around.definitions, around.schemas)
    }

    /// SHA-256 of what a sync wants, as an approval binds it; `None` where a part of it is not rendered.
    fn desired_hash(&self, application: &Application, around: &Surroundings<'_>) -> Option<String> {
        if self.error.is_some() || !self.notes.is_empty() {
            return None;
        }
        let namespace = application.spec.destination.namespace.clone();
        let tracking = Tracking::by_annotation(application.metadata.name.clone(), namespace);
        let objects: Vec<Object> =
            self.renders().into_iter().flat_map(|rendered| rendered.objects.iter().cloned()).collect();
        let targets = sync::prepare(&objects, around.schemas, &tracking).ok()?;
        Some(sync::desired_hash(&targets.objects))
    }
}

/// What becomes of a unit between two revisions, without its name; nothing where it stays as it is.
fn compare(
    before: Option<&Side<'_>>,
    after: Option<&Side<'_>>,
    around: &Surroundings<'_>,
) -> Option<Planned> {
    let application =
        |side: Option<&Side<'_>>| side.and_then(|side| side.application.map(|one| one.spec.clone()));
    if let (Some(before), Some(after)) = (before, after) {
        let same = before.outcomes.len() == after.outcomes.len()
            && before.outcomes.iter().zip(&after.outcomes).all(|(before, after)| is_same(before, after));
        let is_touched = before.is_touched || after.is_touched;
        let is_told = is_touched || before.error != after.error;
        if same && !is_told && application(Some(before)) == application(Some(after)) {
            return None;
        }
    }
    let empty = Side::default();
    let (from, to) = (before.unwrap_or(&empty), after.unwrap_or(&empty));
    let (old, new) = (from.deployed(around), to.deployed(around));
    let removal = match (from.application, to.application) {
        (_, Some(application)) => RemovalPolicy::Prune(application),
        (Some(application), None) => RemovalPolicy::Delete(application),
        (None, None) => RemovalPolicy::Unknown,
    };
    // A side that does not render says nothing of what comes and goes.
    let is_whole = from.error.is_none() && to.error.is_none();
    let changes = if is_whole { preview::compare(&old, &new, &removal, around.schemas) } else { vec![] };
    let verdict = to.application.map(|application| {
        let was = from.application.map(|application| Subject { application, deployed: &old });
        preview::judge(was, Subject { application, deployed: &new }, around.projects)
    });
    let verdict = verdict.unwrap_or_default();
    let change = match (before, after) {
        (None, _) => ChangeView::Added,
        (Some(_), None) => ChangeView::Removed,
        (Some(from), Some(to)) => match (&from.error, &to.error) {
            (None, Some(_)) => ChangeView::Broken,
            (Some(_), None) => ChangeView::Mended,
            (None, None) | (Some(_), Some(_)) => ChangeView::Modified,
        },
    };
    let told = to.is_touched
        || !changes.is_empty()
        || from.error != to.error
        || verdict.refusals.iter().any(|one| !one.is_standing);
    if !told && change == ChangeView::Modified {
        return None;
    }
    let notes = if after.is_some() { &to.notes } else { &from.notes };
    Some(Planned {
        kind: "",
        namespace: String::new(),
        name: String::new(),
        change,
        changes,
        notes: notes.iter().chain(&verdict.open).cloned().collect(),
        verdict,
        base_error: from.error.clone(),
        head_error: to.error.clone(),
        desired_hash: None,
    })
}
