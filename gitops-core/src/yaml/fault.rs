//! What can be wrong with a text that is read as YAML.

use crate::diagnostic::Location;

/// Why a text could not be read as YAML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {fault}")]
pub struct ReadError {
    /// Where.
    pub at: Location,
    /// What is wrong.
    pub fault: Fault,
}

/// What to do about broken grammar, by a part of the parser's message.
const SYNTAX_HINTS: &[(&str, &str)] = &[
    ("tabs disallowed", "indent with spaces"),
    ("quoted scalar", "close the quote that opens here"),
    ("mapping values are not allowed", "put a value that holds `: ` in quotes, or mend the indentation"),
    ("illegal placement of ':'", "mend the indentation: a key stands under the keys of its own mapping"),
    ("simple key expected", "write a `:` after the key, or indent the line as part of what is above"),
    ("flow mapping", "a `{` needs a `,` between its pairs and a `}` at its end"),
    ("flow sequence", "a `[` needs a `,` between its items and a `]` at its end"),
];

impl ReadError {
    /// What the user can do about it, if that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match &self.fault {
            Fault::Encoding => Some("save the file as UTF-8"),
            Fault::Separator => Some("put the document on the line after `---`"),
            Fault::Directive => Some("remove the line: manifests need no directive"),
            Fault::MergeValue => Some("the value of `<<` is a mapping or a list of mappings"),
            Fault::KeyNotScalar | Fault::NullKey => Some("put the key in quotes if it is meant as text"),
            Fault::TwoMerges => Some("give one `<<` a list of mappings"),
            Fault::WrongTag(_) | Fault::NotInJson(_) => {
                Some("put the value in quotes if it is meant as text")
            }
            Fault::Syntax(message) => {
                SYNTAX_HINTS.iter().find(|(part, _)| message.contains(part)).map(|(_, hint)| *hint)
            }
            Fault::Character(_)
            | Fault::RecursiveAlias
            | Fault::TooLarge(_)
            | Fault::TooManyValues(_)
            | Fault::TooManyDocuments(_)
            | Fault::TooDeep(_)
            | Fault::TooManyAliases(_) => None,
        }
    }
}

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The text breaks YAML's grammar.
    #[error("{0}")]
    Syntax(String),
    /// Neither UTF-8 nor UTF-16 with a byte order mark.
    #[error("the file is not UTF-8 text")]
    Encoding,
    /// A character that YAML does not allow.
    #[error("control character U+{0:04X} is not allowed")]
    Character(u32),
    /// A line of a resource file starts with `---` and goes on.
    #[error("invalid document separator")]
    Separator,
    /// A `%YAML` or `%TAG` line: kustomize reads none in resources.
    #[error("directives are not supported")]
    Directive,
    /// The value of a merge key is not a mapping or a list of mappings.
    #[error("a merge key needs a mapping or a list of mappings")]
    MergeValue,
    /// Two merge keys in one mapping.
    #[error("duplicate merge key")]
    TwoMerges,
    /// A mapping or a list as a key.
    #[error("a mapping key must be a scalar")]
    KeyNotScalar,
    /// Null as a key, where JSON is needed.
    #[error("a mapping key must not be null")]
    NullKey,
    /// A scalar is not of the type that its tag names.
    #[error("the value cannot be read as `!!{0}`")]
    WrongTag(String),
    /// NaN or an infinity, where JSON is needed.
    #[error("`{0}` has no JSON form")]
    NotInJson(String),
    /// An anchor contains itself.
    #[error("an anchor contains an alias of itself")]
    RecursiveAlias,
    /// The file is larger than [`super::Limits::bytes`].
    #[error("the file has more than {0} bytes")]
    TooLarge(usize),
    /// There are more documents than [`super::Limits::documents`].
    #[error("the file has more than {0} documents")]
    TooManyDocuments(usize),
    /// There are more lines, commas and brackets than [`super::Limits::values`].
    #[error("the file has more than {0} lines, commas and brackets")]
    TooManyValues(usize),
    /// Collections are nested deeper than [`super::Limits::depth`].
    #[error("nested deeper than {0} levels")]
    TooDeep(usize),
    /// Aliases add more nodes than [`super::Limits::alias_nodes`].
    #[error("aliases expand to more than {0} nodes")]
    TooManyAliases(usize),
}

/// A [`Fault`] and its offset in the text.
#[derive(Debug)]
pub(super) struct Faulty {
    pub(super) fault: Fault,
    pub(super) offset: usize,
}
