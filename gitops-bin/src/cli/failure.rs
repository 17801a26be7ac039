//! Why a command could not do its work, in the form in which people read it.

use gitops_core::diagnostic::Location;

use super::exit::Exit;

/// A failure: one sentence, the place, the source line at that place and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong, in one sentence.
    pub message: String,
    /// Where, if it is in a file.
    pub at: Option<Location>,
    /// The content of that file, for the snippet.
    pub source: Option<String>,
    /// What to do, if that is known.
    pub hint: Option<String>,
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
        Self { message: message.into(), at: None, source: None, hint: None, exit }
    }

    /// The same failure at a place in a file whose content is `source`.
    #[must_use]
    pub fn at(mut self, at: Location, source: Option<String>) -> Self {
        self.at = Some(at);
        self.source = source;
        self
    }

    /// The same failure with advice.
    #[must_use]
    pub fn hint(mut self, hint: Option<impl Into<String>>) -> Self {
        self.hint = hint.map(Into::into);
        self
    }

    /// The exit code that goes with it.
    pub fn exit(&self) -> Exit {
        self.exit
    }
}
