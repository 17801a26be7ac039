//! Paths that stay inside their tree.

use std::fmt;

use smol_str::SmolStr;

/// A path relative to the root of a [`super::FileTree`]: parts joined by `/`, none of them empty, `.` or `..`.
/// The empty path is the root.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TreePath(SmolStr);

/// The most bytes of a path, which is what systems take.
const MOST_BYTES: usize = 4096;

/// Why a text is not a path within a tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// It climbs above the root.
    #[error("`{0}` leaves the repository")]
    Leaves(String),
    /// It starts with `/`.
    #[error("`{0}` is absolute")]
    Absolute(String),
    /// It has more than 4096 bytes.
    #[error("a path has more than {MOST_BYTES} bytes")]
    TooLong,
    /// It holds a NUL byte.
    #[error("`{0}` holds a NUL byte")]
    Nul(String),
}

impl TreePath {
    /// The root of the tree.
    pub fn root() -> Self {
        Self::default()
    }

    /// Reads a path relative to the root; `.` and `..` are resolved.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        Self::root().join(text)
    }

    /// This path followed by the relative path `text`; `.` and `..` are resolved textually.
    pub fn join(&self, text: &str) -> Result<Self, PathError> {
        if text.starts_with('/') {
            return Err(PathError::Absolute(text.to_owned()));
        }
        if text.contains('\0') {
            return Err(PathError::Nul(text.replace('\0', "\\0")));
        }
        if self.0.len().saturating_add(text.len()) > 2 * MOST_BYTES {
            return Err(PathError::TooLong);
        }
        let mut parts: Vec<&str> = self.parts().collect();
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop().ok_or_else(|| PathError::Leaves(text.to_owned()))?;
                }
                name => parts.push(name),
            }
        }
        let joined = parts.join("/");
        if joined.len() > MOST_BYTES { Err(PathError::TooLong) } else { Ok(Self(joined.into())) }
    }

    /// The path as text, without a leading slash; empty for the root.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The directory that holds this path; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        Some(self.0.rsplit_once('/').map_or_else(Self::root, |(parent, _)| Self(parent.into())))
    }

    /// The last part; empty for the root.
    pub fn name(&self) -> &str {
        self.0.rsplit_once('/').map_or(self.as_str(), |(_, name)| name)
    }

    /// Its parts from the root on.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/').filter(|part| !part.is_empty())
    }

    /// Whether this path is `directory` or stands below it.
    pub fn is_within(&self, directory: &Self) -> bool {
        directory.is_root()
            || self
                .0
                .strip_prefix(directory.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_root() { "." } else { &self.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_leave_its_tree() {
        let base = TreePath::parse("k8s/overlays/dev").unwrap();
        assert_eq!(base.join("../../base/./x.yaml").unwrap().as_str(), "k8s/base/x.yaml");
        assert_eq!(base.join("../../../..").unwrap_err(), PathError::Leaves("../../../..".to_owned()));
        assert!(matches!(base.join("/etc/passwd"), Err(PathError::Absolute(_))));
        assert!(matches!(base.join("a\0b"), Err(PathError::Nul(_))));
    }
}
