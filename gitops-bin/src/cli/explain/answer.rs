//! An explanation as a view, with the text and the author of each line.

use std::collections::{BTreeMap, BTreeSet};

use gitops_core::diagnostic::Location;
use gitops_core::diff::is_secret;
use gitops_core::explain::{Action, Explanation, Field, Step};
use gitops_core::kustomize::Rendered;
use gitops_core::object::Step as PathStep;
use gitops_core::yaml;
use smol_str::SmolStr;

use super::source::{Authors, Source};
use crate::cli::Failure;
use crate::cli::source_line::{SourceLine, SourceLines};
use crate::view::{
    API_VERSION, ExplainedFieldView, ExplainedStepView, ExplanationView, LineCommitView, PlaceView,
    SourceFieldView,
};

/// A step without the text of its lines where that is hidden: an env file does not say that it holds a Secret.
fn hide_text(mut step: ExplainedStepView, hidden: bool) -> ExplainedStepView {
    let source = step.source.as_mut().and_then(|source| source.at.as_mut());
    for place in [step.at.as_mut(), step.entry.as_mut(), source].into_iter().flatten().filter(|_| hidden) {
        place.text = None;
    }
    step
}

/// Every place that an explanation names.
fn places(explanation: &Explanation) -> impl Iterator<Item = &Location> {
    let fields = explanation.fields.iter().flat_map(|field| &field.steps);
    fields.chain(&explanation.dropped).flat_map(|step| {
        let source = step.source.as_ref().and_then(|source| source.at.as_ref());
        [step.at.as_ref(), step.entry.as_ref(), source].into_iter().flatten()
    })
}

/// An explanation, and the lines that it names.
pub(super) struct Answer<'a> {
    explanation: &'a Explanation,
    lines: BTreeMap<SmolStr, Option<SourceLines<'a>>>,
}

impl<'a> Answer<'a> {
    /// An explanation of what is in `rendered`.
    pub(super) fn new(rendered: &'a Rendered, explanation: &'a Explanation) -> Self {
        let provenance = &rendered.provenance;
        let lines =
            |path: &SmolStr| SourceLines::of(provenance.file(provenance.file_at(path)?)?.text().as_bytes());
        let paths: BTreeSet<&SmolStr> = places(explanation).map(|at| &at.path).collect();
        let lines = paths.into_iter().map(|path| (path.clone(), lines(path))).collect();
        Self { explanation, lines }
    }

    /// The view of it.
    pub(super) fn view(&self, source: &Source) -> Result<ExplanationView, Failure> {
        let mut lines: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
        for at in places(self.explanation) {
            lines.entry(at.path.to_string()).or_default().insert(at.line);
        }
        let authors = source.authors(&lines)?;
        let Explanation { key, dropped, fields } = self.explanation;
        Ok(ExplanationView {
            api_version: API_VERSION.to_owned(),
            object: key.to_string(),
            revision: source.commit(),
            dropped: dropped.as_ref().map(|step| self.step(step, &authors)),
            fields: fields.iter().map(|field| self.field(field, &authors)).collect(),
        })
    }

    fn field(&self, field: &Field, authors: &Authors) -> ExplainedFieldView {
        let is_value =
            |step: &PathStep| matches!(step, PathStep::Key(key) if *key == "data" || *key == "stringData");
        let is_copy = |step: &Step| {
            let source = step.source.as_ref().and_then(|source| source.object.as_ref());
            source.is_some_and(is_secret)
        };
        let own = is_secret(&self.explanation.key) && field.path.steps().first().is_none_or(is_value);
        let hidden = own || field.steps.iter().any(is_copy);
        let value = yaml::print_document(&field.node).ok().filter(|_| !hidden);
        ExplainedFieldView {
            path: field.path.to_string(),
            value: value.map(|text| text.trim_end().to_owned()),
            hidden,
            removed: !field.is_there,
            steps: field.steps.iter().map(|step| hide_text(self.step(step, authors), hidden)).collect(),
        }
    }

    fn step(&self, step: &Step, authors: &Authors) -> ExplainedStepView {
        let action = match step.action {
            Action::Read => "read",
            Action::Set => "set",
            Action::Removed => "removed",
        };
        let place = |at: &Location| self.place(at, authors);
        ExplainedStepView {
            action: action.to_owned(),
            transformer: step.transformer.map(str::to_owned),
            at: step.at.as_ref().map(place),
            entry: step.entry.as_ref().map(place),
            source: step.source.as_ref().map(|source| SourceFieldView {
                object: source.object.as_ref().map(ToString::to_string),
                path: source.path.to_string(),
                at: source.at.as_ref().map(place),
            }),
        }
    }

    fn place(&self, at: &Location, authors: &Authors) -> PlaceView {
        let commit = authors.get(&(at.path.to_string(), at.line)).map(|commit| LineCommitView {
            id: commit.id.to_string(),
            author: commit.author.name.clone(),
            date: commit.author.at.to_string(),
            subject: commit.subject().to_owned(),
        });
        let (line, column, text) = (at.line, at.column, self.line(at));
        PlaceView { path: at.path.to_string(), line, column, text, commit }
    }

    /// The line at a place. In a file that holds a Secret, only a line that can hold no more than one field.
    fn line(&self, at: &Location) -> Option<String> {
        let lines = self.lines.get(&at.path)?.as_ref()?;
        match lines.any_line(at) {
            SourceLine::Text(text) if lines.holds_secret() && text.contains(['{', '[']) => None,
            SourceLine::Text(text) => Some(text.trim().to_owned()),
            SourceLine::Part(_) if lines.holds_secret() => None,
            SourceLine::Part(part) => Some(part.text.trim().to_owned()),
            SourceLine::Hidden | SourceLine::Absent => None,
        }
    }
}
