//! Places in files, and findings about user data that do not stop the work.
//!
//! Never prints: a binary renders a [`Diagnostic`] with its snippet.

use std::fmt;

use smol_str::SmolStr;

/// A place in a file: path relative to the root of the tree, and line and column counted from 1.
///
/// Line 0 means "the file as a whole".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Location {
    /// Path of the file, relative to the root of the tree that it was read from.
    pub path: SmolStr,
    /// Line, counted from 1; 0 stands for the whole file.
    pub line: u32,
    /// Column in characters, counted from 1; 0 stands for the whole line.
    pub column: u32,
}

impl Location {
    /// The place at `line` and `column` of `path`.
    pub fn new(path: impl Into<SmolStr>, line: u32, column: u32) -> Self {
        Self { path: path.into(), line, column }
    }

    /// The file as a whole.
    pub fn file(path: impl Into<SmolStr>) -> Self {
        Self::new(path, 0, 0)
    }

    /// The line and column of the byte `offset` of `text`, which is the content of `path`.
    pub fn in_text(path: impl Into<SmolStr>, text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        Self::new(path, u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
            if self.column > 0 {
                write!(f, ":{}", self.column)?;
            }
        }
        Ok(())
    }
}

/// How much a [`Diagnostic`] weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// The result stands, and is probably not what was meant.
    Warning,
    /// The input is wrong.
    Error,
}

/// A finding about user data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// A stable code such as `GO012`; empty where none is assigned.
    pub code: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// Where it is.
    pub at: Location,
    /// What is wrong: one sentence in lower case without a full stop.
    pub message: String,
    /// What to do about it, if that is known.
    pub hint: Option<String>,
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.message)
    }
}
