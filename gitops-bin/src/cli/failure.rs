//! Why a command could not do its work, in the form in which people read it.

use gitops_core::diagnostic::Location;

use super::exit::Exit;
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

/// The line of a file that a failure is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SourceLine {
    /// There is none, or the file is not at hand.
    #[default]
    Absent,
    /// Not for eyes: the file holds a Secret.
    Hidden,
    /// Its text.
    Text(String),
}

impl SourceLine {
    /// The line that `at` names in the file with this content.
    pub fn of(content: &[u8], at: &Location) -> Self {
        let wanted = usize::try_from(at.line).ok().and_then(|line| line.checked_sub(1));
        let line = wanted.and_then(|line| content.split(|byte| *byte == b'\n').nth(line));
        match line.map(str::from_utf8) {
            Some(Ok(_)) if holds_secret(content) => Self::Hidden,
            Some(Ok(text)) => Self::Text(text.trim_end_matches('\r').to_owned()),
            Some(Err(_)) | None => Self::Absent,
        }
    }
}

/// Whether a file has the words of a Secret, of a generator or of a patch of one. It need not be valid YAML.
fn holds_secret(content: &[u8]) -> bool {
    const WORDS: &[&str] = &["kind:secret", "secretgenerator", "stringdata", "/data/"];
    // The NULs are those of UTF-16.
    let plain = |byte: &u8| !byte.is_ascii_whitespace() && !matches!(byte, b'"' | b'\'' | b'\0');
    let text: Vec<u8> = content.iter().filter(|byte| plain(byte)).map(u8::to_ascii_lowercase).collect();
    let text = String::from_utf8_lossy(&text);
    // Kinds like SealedSecret too. White space is gone: what follows on the next line may belong to the word.
    let is_secret = |rest: &str| {
        rest.split(|c: char| !c.is_ascii_alphanumeric()).next().is_some_and(|kind| kind.contains("secret"))
    };
    WORDS.iter().any(|word| text.contains(word)) || text.split("kind:").skip(1).any(is_secret)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &str, line: u32, expected: &SourceLine) {
        let at = Location::new("a.yaml", line, 1);
        assert_eq!(SourceLine::of(content.as_bytes(), &at), *expected, "{content}");
    }

    #[test]
    fn a_line_is_shown_unless_its_file_holds_a_secret() {
        check("a: 1\r\nb: 2\n", 1, &SourceLine::Text("a: 1".to_owned()));
        check("a: 1\n", 0, &SourceLine::Absent);
        check("a: 1\n", 7, &SourceLine::Absent);
        for secret in [
            "data: {x: y}\nkind: Secret\n",
            "{\"kind\" : \"Secret\", \"data\": [",
            "- kind: 'Secret'\n",
            "secretGenerator:\n- literals: [a=b]\n",
            "- op: replace\n  path: /data/password\n",
        ] {
            check(secret, 1, &SourceLine::Hidden);
        }
        let reference = "kind: Deployment\nx: {secretKeyRef: {name: a}}\n";
        check(reference, 1, &SourceLine::Text("kind: Deployment".to_owned()));
    }
}
