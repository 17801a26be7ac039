//! Why a command could not do its work, in the form in which people read it.

use gitops_core::diagnostic::Location;

use super::exit::Exit;
use super::source_line::SourceLine;
use crate::view::{ErrorKind, ErrorView};

/// A failure: one sentence, the place, the source line at that place and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong, in one sentence.
    pub message: String,
    /// Where, if it is in a file.
    pub at: Option<Location>,
    /// The line at that place.
    pub line: SourceLine,
    /// What to do, if that is known.
    pub hint: Option<Box<str>>,
    /// What else is wrong, found in the same go; their exit codes do not count.
    pub further: Box<[Failure]>,
    exit: Exit,
}

impl Failure {
    /// The command line or the input is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// The outside failed: the file system, Git, a daemon.
    pub fn outside(message: impl Into<String>) -> Self {
        Self::new(Exit::Outside, message)
    }

    /// The engine refuses to do it.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(Exit::Refused, message)
    }

    fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            at: None,
            line: SourceLine::Absent,
            hint: None,
            further: Box::default(),
            exit,
        }
    }

    /// The same failure at a place in a file.
    #[must_use]
    pub fn at(mut self, at: Location, line: SourceLine) -> Self {
        self.at = Some(at);
        self.line = line;
        self
    }

    /// The same failure with advice.
    #[must_use]
    pub fn hint(mut self, hint: Option<impl Into<String>>) -> Self {
        self.hint = hint.map(|hint| hint.into().into_boxed_str());
        self
    }

    /// The same failure with what else is wrong.
    #[must_use]
    pub fn and(mut self, further: impl IntoIterator<Item = Failure>) -> Self {
        self.further = self.further.into_iter().chain(further).collect();
        self
    }

    /// The exit code that goes with it.
    pub fn exit(&self) -> Exit {
        self.exit
    }
}

impl From<ErrorView> for Failure {
    fn from(error: ErrorView) -> Self {
        let failure = match error.kind {
            ErrorKind::Usage => Self::usage(error.message),
            ErrorKind::Outside => Self::outside(error.message),
            ErrorKind::Refused => Self::refused(error.message),
        };
        failure.hint(error.hint)
    }
}
