//! The jq paths of `jqPathExpressions`, which Argo CD runs as `del(…)`.
//!
//! A subset of jq without variables, definitions, reductions and string interpolation; what is not in it is
//! refused when the expression is read, never when it runs. It has no access to anything but its input, and
//! every run is bounded.

use serde_json::Value as Json;

use crate::yaml::{Node, Value};

mod eval;
mod function;
mod lexer;
mod parser;

/// Why a text is not a jq expression that can be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct JqError(pub(super) String);

/// One jq filter.
#[derive(Clone, Debug, PartialEq)]
enum Filter {
    /// `.`
    Identity,
    /// `..`
    Recurse,
    /// `f[g]`, and `.name`
    Index(Box<Filter>, Box<Filter>),
    /// `f[g:h]`
    Slice(Box<Filter>, Option<Box<Filter>>, Option<Box<Filter>>),
    /// `f[]`
    Iterate(Box<Filter>),
    /// `f?`
    Try(Box<Filter>),
    /// A number, a string, `true`, `false` or `null`.
    Literal(Json),
    /// `f | g`
    Pipe(Box<Filter>, Box<Filter>),
    /// `f, g`
    Comma(Box<Filter>, Box<Filter>),
    /// An operator between two values.
    Binary(Operator, Box<Filter>, Box<Filter>),
    /// `-f`
    Negate(Box<Filter>),
    /// `[f]`
    Array(Option<Box<Filter>>),
    /// `{f: g}`
    Object(Vec<(Filter, Filter)>),
    /// `if f then g else h end`
    If(Box<Filter>, Box<Filter>, Box<Filter>),
    /// A function with its arguments.
    Call(function::Function, Vec<Filter>),
}

/// An operator between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Alternative,
    Update,
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Add,
    Subtract,
}

/// One step of a path into a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum PathStep {
    /// A position in an array.
    Index(usize),
    /// A key of an object.
    Key(String),
}

/// A `del(…)` of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Deletion(Filter);

impl Deletion {
    /// Reads the expression that is deleted.
    pub(super) fn parse(expression: &str) -> Result<Self, JqError> {
        // Argo CD puts the text between the parentheses, and some expressions rely on that.
        parser::parse(&format!("del({expression})")).map(Self)
    }

    /// The places in a manifest that would be deleted, as the steps of JSON pointers.
    pub(super) fn places(&self, root: &Node) -> Vec<Vec<String>> {
        let Filter::Call(function::Function::Delete, arguments) = &self.0 else { return vec![] };
        let [paths] = arguments.as_slice() else { return vec![] };
        let found = root.to_json().ok().and_then(|json| eval::paths(paths, &json).ok()).unwrap_or_default();
        let text = |step: &PathStep| match step {
            PathStep::Index(index) => index.to_string(),
            PathStep::Key(key) => key.clone(),
        };
        found.iter().map(|path| path.iter().map(text).collect()).collect()
    }

    /// Deletes from a manifest. An error, and more than one result, leave it as it is.
    pub(super) fn apply(&self, root: &mut Node) {
        let Ok(json) = root.to_json() else { return };
        if let Filter::Call(function::Function::Delete, arguments) = &self.0
            && let [paths] = arguments.as_slice()
        {
            for path in eval::paths(paths, &json).unwrap_or_default() {
                remove(root, &path);
            }
            return;
        }
        if let Ok([result]) = eval::values(&self.0, json).as_deref() {
            *root = Node::from_json(result);
        }
    }
}

/// Removes what a path leads to, if it leads anywhere.
fn remove(node: &mut Node, path: &[PathStep]) {
    let Some((step, rest)) = path.split_first() else {
        *node = Node::null();
        return;
    };
    match (step, rest.is_empty()) {
        (PathStep::Key(key), true) => drop(node.remove(key)),
        (PathStep::Key(key), false) => {
            if let Some(child) = node.get_mut(key) {
                remove(child, rest);
            }
        }
        (PathStep::Index(index), is_last) => {
            if let Value::Sequence(items) = &node.value
                && *index < items.len()
                && let Some(items) = node.items_mut()
            {
                if is_last {
                    items.remove(*index);
                } else if let Some(child) = items.get_mut(*index) {
                    remove(child, rest);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
