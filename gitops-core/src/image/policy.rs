//! Which of a registry's tags to run next, with a reason for every tag passed over.
//!
//! Holds the strategies of Argo CD Image Updater and one more: the order in which images were *pushed*. The
//! updater's `newest-build` goes by the time of the build, which a reproducible build sets to a constant and a
//! cached layer to the past.

mod choose;
mod filter;

use smol_str::SmolStr;

use super::semver::{Constraint, ConstraintError};
use crate::time::Timestamp;
pub use choose::{Choice, PassedOver, Reason};
pub use filter::{FilterError, TagFilter};

/// A tag in a registry.
///
/// A registry describes images, each with all of its tags; every tag of an image carries the image's times and
/// digest.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Tag {
    /// The tag.
    pub name: SmolStr,
    /// When the image was pushed, as the registry says.
    pub pushed_at: Option<Timestamp>,
    /// When the image was built, as its configuration says.
    pub built_at: Option<Timestamp>,
    /// The digest of the image.
    pub digest: Option<SmolStr>,
}

impl Tag {
    /// A tag of which only the name is known.
    pub fn named(name: impl Into<SmolStr>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

/// What makes one tag better than another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagOrder {
    /// The image that was pushed last.
    PushTime,
    /// The image that was built last.
    NewestBuild,
    /// The highest version that satisfies the constraint.
    Semver(Constraint),
    /// The last name in byte order.
    Alphabetical,
    /// The highest number.
    Numerical,
    /// The tag of this name, whatever image it stands for.
    Digest(SmolStr),
}

/// How the next tag is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagPolicy {
    /// What makes one tag better than another.
    pub order: TagOrder,
    /// Which tags count.
    pub allow: TagFilter,
    /// Globs of tags that do not count, in the dialect of Go's `path.Match`; a broken one matches nothing.
    pub ignore: Vec<SmolStr>,
    /// Images pushed later than this do not count.
    pub not_after: Option<Timestamp>,
    /// Tags that were taken back.
    pub held: HeldTags,
}

/// Tags that were taken back in Git.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct HeldTags {
    /// None of these counts.
    pub tags: Vec<SmolStr>,
    /// Nothing up to this one in the order counts.
    pub floor: Option<Floor>,
}

/// A tag above which a new one must stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Floor {
    /// The tag.
    pub tag: SmolStr,
    /// When it had been written to Git; stands in for its push time where the registry no longer has it.
    pub written_at: Timestamp,
}

/// Why settings are not a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The version constraint does not parse.
    #[error(transparent)]
    Constraint(#[from] ConstraintError),
    /// The strategy `digest` follows one tag and must be told which.
    #[error("the strategy `digest` needs the tag to follow as its constraint")]
    ConstraintRequired,
}

impl PolicyError {
    /// A stable word for the kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Constraint(_) => "invalid-constraint",
            Self::ConstraintRequired => "constraint-required",
        }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Constraint(error) => error.hint(),
            Self::ConstraintRequired => "write the image as `NAME:TAG`",
        }
    }
}

/// An update strategy as Argo CD Image Updater names it, and `push-time`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum UpdateStrategy {
    /// `semver`, and every name that is not known.
    #[default]
    Semver,
    /// `newest-build`, formerly `latest`.
    NewestBuild,
    /// `alphabetical`, formerly `name`.
    Alphabetical,
    /// `digest`
    Digest,
    /// `push-time`, which Argo CD Image Updater does not have.
    PushTime,
}

impl UpdateStrategy {
    /// The strategy of this name in any case; `semver` for a name that is not known, as in Argo CD Image Updater.
    pub fn parse(name: &str) -> Self {
        match name.trim().to_ascii_lowercase().as_str() {
            "newest-build" | "latest" => Self::NewestBuild,
            "alphabetical" | "name" => Self::Alphabetical,
            "digest" => Self::Digest,
            "push-time" => Self::PushTime,
            _ => Self::Semver,
        }
    }
}

impl TagPolicy {
    /// The policy that orders by push time among the tags that `allow` lets through.
    pub fn push_time(allow: TagFilter) -> Self {
        Self { order: TagOrder::PushTime, allow, ignore: vec![], not_after: None, held: HeldTags::default() }
    }

    /// The policy of settings of Argo CD Image Updater.
    ///
    /// `constraint` is the part of the image behind the colon; only `semver` and `digest` look at it.
    pub fn of_updater(
        strategy: UpdateStrategy,
        constraint: &str,
        allow_tags: &str,
        ignore_tags: impl IntoIterator<Item = impl Into<SmolStr>>,
    ) -> Result<Self, PolicyError> {
        let order = match strategy {
            UpdateStrategy::Semver if constraint.is_empty() => TagOrder::Semver(Constraint::any()),
            UpdateStrategy::Semver => TagOrder::Semver(Constraint::parse(constraint)?),
            UpdateStrategy::NewestBuild => TagOrder::NewestBuild,
            UpdateStrategy::Alphabetical => TagOrder::Alphabetical,
            UpdateStrategy::Digest if constraint.is_empty() => return Err(PolicyError::ConstraintRequired),
            UpdateStrategy::Digest => TagOrder::Digest(constraint.into()),
            UpdateStrategy::PushTime => TagOrder::PushTime,
        };
        let ignore = ignore_tags.into_iter().map(Into::into).collect();
        Ok(Self {
            order,
            allow: TagFilter::of_updater(allow_tags),
            ignore,
            not_after: None,
            held: HeldTags::default(),
        })
    }
}
