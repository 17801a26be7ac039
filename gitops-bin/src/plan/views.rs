//! A plan in the words of [`crate::view`].

use gitops_core::diff::{FieldChange, compare_manifests};
use gitops_core::kind::Schemas;
use gitops_core::preview::{Effect, ObjectChange, PlacedChange, RemovalOutcome, image_changes};
use gitops_core::provenance::SourceText;
use gitops_core::yaml::{self, Node, Origin};

use super::Planned;
use crate::range::{Definition, Pair};
use crate::unified;
use crate::view::{
    DefinitionChangeView, ImageChangeView, PlanGroupView, PlannedFieldView, PlannedObjectView, PlannedView,
    RefusalView,
};

/// The groups that hold more than nothing: items without changes of objects stand in none.
pub(super) fn groups(changed: &[Planned], groups: &[Vec<usize>]) -> Vec<PlanGroupView> {
    let has_changes = |at: &&usize| changed.get(**at).is_some_and(|one| !one.changes.is_empty());
    let groups = groups.iter().map(|group| group.iter().filter(has_changes).copied().collect::<Vec<_>>());
    groups.filter(|group| !group.is_empty()).map(|items| PlanGroupView { items }).collect()
}

pub(super) fn item(planned: &Planned) -> PlannedView {
    let images = image_changes(&planned.changes).into_iter();
    let refusals = planned.verdict.refusals.iter().map(|judged| RefusalView {
        message: judged.message.clone(),
        hint: judged.hint.clone(),
        is_standing: judged.is_standing,
    });
    PlannedView {
        kind: planned.kind.to_owned(),
        namespace: planned.namespace.clone(),
        name: planned.name.clone(),
        change: planned.change,
        objects: planned.changes.iter().map(object).collect(),
        images: images.map(|image| ImageChangeView { before: image.before, after: image.after }).collect(),
        refusals: refusals.collect(),
        notes: planned.notes.clone(),
        base_error: planned.base_error.clone(),
        head_error: planned.head_error.clone(),
        desired_hash: planned.desired_hash.clone(),
    }
}

fn object(change: &ObjectChange) -> PlannedObjectView {
    let (word, outcome, fields) = match &change.effect {
        Effect::Create => ("create", None, vec![]),
        Effect::Update(fields) => ("update", None, fields.iter().map(field).collect()),
        Effect::Remove(outcome) => ("remove", Some(*outcome), vec![]),
    };
    PlannedObjectView {
        object: change.key.to_string(),
        change: word.to_owned(),
        outcome: outcome.map(|outcome| outcome.as_str().to_owned()),
        is_removed: outcome.is_some_and(RemovalOutcome::removes),
        fields,
        diff: unified_text(change.before.as_ref(), change.after.as_ref()),
    }
}

fn field(placed: &PlacedChange) -> PlannedFieldView {
    let at = placed.at.as_ref().or(placed.was_at.as_ref());
    field_view(&placed.change, at.map(ToString::to_string))
}

fn field_view(change: &FieldChange, at: Option<String>) -> PlannedFieldView {
    PlannedFieldView {
        path: change.path.to_string(),
        before: change.live.as_ref().map(value),
        after: change.desired.as_ref().map(value),
        at: at.filter(|at| !at.is_empty()),
    }
}

fn value(node: &Node) -> String {
    yaml::print_document(node).map_or_else(|error| error.to_string(), |text| text.trim_end().to_owned())
}

/// The change of a manifest in unified form, without names: the heading has them.
fn unified_text(before: Option<&Node>, after: Option<&Node>) -> String {
    let text = |node: Option<&Node>| node.map(|node| value(node) + "\n").unwrap_or_default();
    let diff = unified::diff(&text(before), &text(after), "before", "after");
    diff.strip_prefix("--- before\n+++ after\n").unwrap_or(&diff).to_owned()
}

/// The change of a definition; nothing where it stays as it is.
pub(super) fn definition((was, is): Pair<'_>, schemas: &Schemas) -> Option<DefinitionChangeView> {
    let any = is.or(was)?;
    let diff = compare_manifests(was.map(|one| &one.object), is.map(|one| &one.object), schemas);
    let change = match (was, is) {
        (None, _) => "create",
        (Some(_), None) => "remove",
        (Some(_), Some(_)) if diff.changes.is_empty() => return None,
        (Some(_), Some(_)) => "update",
    };
    let fields = diff.changes.iter().map(|change| {
        let place =
            |node: Option<&Node>, text: &SourceText| node.and_then(|node| location(text, node.origin));
        let now = is.and_then(|one| place(change.desired.as_ref(), &one.text));
        let then = || was.and_then(|one| place(change.live.as_ref(), &one.text));
        field_view(change, now.or_else(then))
    });
    let error = match is.map(|one| &one.definition) {
        Some(Definition::Application(Err(error)) | Definition::Project(Err(error))) => Some(error.clone()),
        Some(Definition::Application(Ok(_)) | Definition::Project(Ok(_)) | Definition::Set) | None => None,
    };
    let object = PlannedObjectView {
        object: any.object.key.to_string(),
        change: change.to_owned(),
        outcome: None,
        is_removed: is.is_none(),
        fields: fields.collect(),
        diff: unified_text(diff.before.as_ref(), diff.after.as_ref()),
    };
    Some(DefinitionChangeView { object, file: any.file.to_string(), error })
}

fn location(text: &SourceText, origin: Origin) -> Option<String> {
    Some(text.location(origin.as_offset()?).to_string())
}
