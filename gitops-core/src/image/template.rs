//! The part of Go's text/template that commit messages and branch names are written in.
//!
//! Fields, variables, `if`, `else`, `range`, `with`, comments, trim markers, pipes and the common functions.
//! Anything else is an error that says so. Time and size of the output are bounded by the template and its data.

mod evaluate;
mod functions;
mod lexer;
mod parse;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use parse::Template;

/// A value that a template sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// Nothing: a missing key of a map.
    Nothing,
    /// A truth value.
    Boolean(bool),
    /// A number.
    Integer(i64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Data>),
    /// A map, whose missing keys are nothing.
    Map(BTreeMap<String, Data>),
    /// A structure, whose missing fields are an error.
    Record(BTreeMap<String, Data>),
}

impl Data {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A structure of these fields.
    pub fn record<const N: usize>(fields: [(&str, Self); N]) -> Self {
        Self::Record(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

/// Why a template could not be read or carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// The template breaks the grammar.
    #[error("template line {line}: {message}")]
    Syntax {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// The template asks for something that its data does not have or a function does not take.
    #[error("template: {0}")]
    Evaluation(String),
    /// The output grows past any use.
    #[error("template: the output is longer than {limit} bytes")]
    TooLong {
        /// The limit.
        limit: usize,
    },
}
