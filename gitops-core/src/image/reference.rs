//! Image references: `registry.example.com/team/app:v1@sha256:…`.
//!
//! Three readings of one text: the strict grammar of the distribution project, the same with Docker's defaults,
//! and the lenient one of Argo CD Image Updater, which never fails.

mod grammar;
mod updater;

use std::fmt;

pub use updater::UpdaterImage;

/// An image reference: a name, and a tag, a digest or both.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// The registry; empty where the reference names none.
    pub domain: String,
    /// The repository in the registry.
    pub path: String,
    /// The tag.
    pub tag: Option<String>,
    /// The digest.
    pub digest: Option<String>,
}

/// Why a text is not an image reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// The text is empty.
    #[error("the image reference is empty")]
    Empty,
    /// The text breaks the grammar.
    #[error("`{0}` is not an image reference")]
    InvalidFormat(String),
    /// The repository has upper-case letters.
    #[error("the repository of `{0}` must be in lower case")]
    Uppercase(String),
    /// The repository is too long.
    #[error("the repository of `{0}` is longer than {limit} characters", limit = NAME_LIMIT)]
    NameTooLong(String),
    /// 64 hexadecimal digits alone name an image by its id, not by its repository.
    #[error("`{0}` is an image id, not a repository")]
    HexIdentifier(String),
    /// A digest is too short or too long for its algorithm.
    #[error("the digest of `{0}` has the wrong length for its algorithm")]
    DigestLength(String),
    /// The algorithm of a digest is not known.
    #[error("the digest of `{0}` has an unknown algorithm")]
    DigestUnsupported(String),
    /// A digest is not lower-case hexadecimal.
    #[error("the digest of `{0}` is not lower-case hexadecimal")]
    DigestFormat(String),
}

impl ReferenceError {
    /// A stable word for the kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::InvalidFormat(_) => "invalid-format",
            Self::Uppercase(_) => "uppercase",
            Self::NameTooLong(_) => "name-too-long",
            Self::HexIdentifier(_) => "hex-identifier",
            Self::DigestLength(_) => "digest-length",
            Self::DigestUnsupported(_) => "digest-unsupported",
            Self::DigestFormat(_) => "digest-format",
        }
    }

    /// What the user can do about it, if we know.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::DigestUnsupported(_) => Some("sha256, sha384 and sha512 are known"),
            Self::Empty
            | Self::InvalidFormat(_)
            | Self::Uppercase(_)
            | Self::NameTooLong(_)
            | Self::HexIdentifier(_)
            | Self::DigestLength(_)
            | Self::DigestFormat(_) => None,
        }
    }
}

/// How long the repository of a reference may be.
const NAME_LIMIT: usize = 255;
/// The registry of a reference that names none.
const DEFAULT_DOMAIN: &str = "docker.io";
/// An older name of the default registry.
const LEGACY_DEFAULT_DOMAIN: &str = "index.docker.io";

impl Reference {
    /// Reads a reference without any defaults, as the distribution project's `Parse` does.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        if text.is_empty() {
            return Err(ReferenceError::Empty);
        }
        let Some(parts) = grammar::split(text) else {
            let lower = text.to_lowercase();
            return Err(if grammar::split(&lower).is_some() {
                ReferenceError::Uppercase(text.to_owned())
            } else {
                ReferenceError::InvalidFormat(text.to_owned())
            });
        };
        if parts.path.len() > NAME_LIMIT {
            return Err(ReferenceError::NameTooLong(text.to_owned()));
        }
        if let Some(digest) = parts.digest {
            check_digest(text, digest)?;
        }
        Ok(Self {
            domain: parts.domain.to_owned(),
            path: parts.path.to_owned(),
            tag: parts.tag.map(str::to_owned),
            digest: parts.digest.map(str::to_owned),
        })
    }

    /// Reads a reference with Docker's defaults, as the distribution project's `ParseNormalizedNamed` does:
    /// `nginx` is `docker.io/library/nginx`.
    pub fn parse_normalized(text: &str) -> Result<Self, ReferenceError> {
        if text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(ReferenceError::HexIdentifier(text.to_owned()));
        }
        let (domain, remainder) = split_domain(text);
        let repository = remainder.split(':').next().unwrap_or_default();
        if repository.chars().any(char::is_uppercase) {
            return Err(ReferenceError::Uppercase(text.to_owned()));
        }
        let library = if domain == DEFAULT_DOMAIN && !remainder.contains('/') { "library/" } else { "" };
        Self::parse(&format!("{domain}/{library}{remainder}"))
    }

    /// The repository with its registry, without tag and digest.
    pub fn name(&self) -> String {
        if self.domain.is_empty() { self.path.clone() } else { format!("{}/{}", self.domain, self.path) }
    }

    /// The shortest form that reads as the same normalized reference.
    pub fn familiar(&self) -> String {
        let short = if self.domain == DEFAULT_DOMAIN {
            let single = self.path.strip_prefix("library/").filter(|rest| !rest.contains('/'));
            single.unwrap_or(&self.path).to_owned()
        } else {
            self.name()
        };
        format!("{short}{}", self.suffix())
    }

    fn suffix(&self) -> String {
        let tag = self.tag.as_ref().map(|tag| format!(":{tag}")).unwrap_or_default();
        let digest = self.digest.as_ref().map(|digest| format!("@{digest}")).unwrap_or_default();
        format!("{tag}{digest}")
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.name(), self.suffix())
    }
}

/// Splits off the registry: the first part counts as one when it has a dot, a colon or a capital, or is
/// `localhost`.
fn split_domain(text: &str) -> (&str, &str) {
    let domain = match text.split_once('/') {
        Some((first, rest))
            if first.contains(['.', ':'])
                || first == "localhost"
                || first.chars().any(char::is_uppercase) =>
        {
            (first, rest)
        }
        Some(_) | None => (DEFAULT_DOMAIN, text),
    };
    if domain.0 == LEGACY_DEFAULT_DOMAIN { (DEFAULT_DOMAIN, domain.1) } else { domain }
}

/// Digest algorithms and the number of hexadecimal digits of each.
const ALGORITHMS: &[(&str, usize)] = &[("sha256", 64), ("sha384", 96), ("sha512", 128)];

fn check_digest(text: &str, digest: &str) -> Result<(), ReferenceError> {
    let (algorithm, encoded) = digest.split_once(':').unwrap_or((digest, ""));
    match ALGORITHMS.iter().find(|(name, _)| *name == algorithm) {
        None => Err(ReferenceError::DigestUnsupported(text.to_owned())),
        Some((_, length)) if *length != encoded.len() => Err(ReferenceError::DigestLength(text.to_owned())),
        Some(_) if encoded.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            Err(ReferenceError::DigestFormat(text.to_owned()))
        }
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Reference, ReferenceError};

    #[test]
    fn defaults_are_added_and_taken_away() -> Result<(), ReferenceError> {
        let full = Reference::parse_normalized("nginx:1.25")?;
        assert_eq!(
            (full.to_string(), full.familiar()),
            ("docker.io/library/nginx:1.25".into(), "nginx:1.25".into())
        );
        assert_eq!(Reference::parse("registry:5000/app")?.domain, "registry:5000");
        assert_eq!(Reference::parse("app:5000")?.tag.as_deref(), Some("5000"));
        Ok(())
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(
            domain in "(([a-z]{1,5}[.][a-z]{2,4}|localhost)(:[0-9]{1,4})?)?",
            path in "[a-z0-9]{1,6}(([._]|__|-{1,3})[a-z0-9]{1,3}){0,2}(/[a-z]{1,4}){0,2}",
            tag in proptest::option::of("[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}"),
        ) {
            let name = if domain.is_empty() { path } else { format!("{domain}/{path}") };
            let text = tag.map_or(name.clone(), |tag| format!("{name}:{tag}"));
            let reference = Reference::parse(&text).unwrap();
            prop_assert_eq!(reference.to_string(), text.as_str());
            let normalized = Reference::parse_normalized(&text).unwrap();
            prop_assert_eq!(Reference::parse_normalized(&normalized.familiar()).unwrap(), normalized);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
            let _ = Reference::parse(&text);
            let _ = Reference::parse_normalized(&text);
        }
    }
}
