//! The whole object as it is printed, with what set each line beside it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use gitops_core::diff::is_secret;
use gitops_core::explain::Subject;
use gitops_core::yaml::{self, Node, Value};

use crate::cli::Failure;
use crate::text;
use crate::view::{ExplainedFieldView, ExplanationView};

/// The widest line beside which annotations are aligned.
const WIDEST: usize = 72;

/// The object with a column of places at its right, then what was taken away.
pub(super) fn object(subject: &Subject<'_>, view: &ExplanationView) -> Result<String, Failure> {
    let mut root = subject.root.clone();
    if is_secret(subject.key) {
        hide_values(&mut root);
    }
    let printed =
        yaml::print(&[&root]).map_err(|error| Failure::usage(error.to_string()).hint(error.hint()))?;
    let mut offsets = vec![];
    if let Ok(read) = yaml::read_one("", &printed) {
        leaf_offsets(&root, Some(&read), &mut offsets);
    }
    let there = view.fields.iter().filter(|field| !field.removed);
    let by_line: BTreeMap<usize, &ExplainedFieldView> = offsets
        .into_iter()
        .zip(there)
        .filter_map(|(offset, field)| Some((line_at(&printed, offset?), field)))
        .collect();
    let width = printed.lines().map(|line| line.chars().count()).filter(|width| *width <= WIDEST).max();
    let mut out = String::new();
    for (at, line) in printed.lines().enumerate() {
        push_line(&mut out, &text::printable(line), by_line.get(&at).copied(), width.unwrap_or_default());
    }
    out.push_str(&text::removed_fields(view));
    Ok(out)
}

fn push_line(out: &mut String, line: &str, field: Option<&ExplainedFieldView>, width: usize) {
    let Some(field) = field else {
        let _ = writeln!(out, "{line}");
        return;
    };
    let padding = " ".repeat(width.saturating_sub(line.chars().count()));
    let style = if field.steps.len() > 1 { text::CHANGED } else { text::PLACE };
    let _ = writeln!(out, "{line}{padding}  {style}# {}{style:#}", text::chain(field));
}

/// The line of a byte, counted from 0.
fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

/// Where the leaves of `root` stand in what was `printed` of it, in their order in `root`.
fn leaf_offsets(root: &Node, printed: Option<&Node>, offsets: &mut Vec<Option<usize>>) {
    match &root.value {
        Value::Sequence(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                leaf_offsets(item, printed.and_then(|node| node.items().get(at)), offsets);
            }
        }
        Value::Mapping(mapping) if !mapping.is_empty() => {
            for entry in mapping.entries() {
                leaf_offsets(&entry.value, printed.and_then(|node| node.get(entry.key.text())), offsets);
            }
        }
        Value::Scalar(_) | Value::Sequence(_) | Value::Mapping(_) => {
            offsets.push(printed.and_then(|node| node.origin.as_offset()));
        }
    }
}

/// Puts a word in the place of every value of a Secret.
fn hide_values(root: &mut Node) {
    for field in ["data", "stringData"] {
        let values = root.get_mut(field).and_then(Node::as_mapping_mut);
        for value in values.into_iter().flat_map(gitops_core::yaml::Mapping::values_mut) {
            value.value = Node::string("(hidden)").value;
        }
    }
}
