//! Patches on YAML nodes: strategic merge as kustomize does it, JSON6902 and JSON merge patch.
//!
//! Matches kustomize (kyaml's merge), not the API server: `$setElementOrder`, `$retainKeys` and
//! `$deleteFromPrimitiveList` mean nothing here. Which objects a patch goes to is the caller's business.

pub mod json6902;
mod merge_patch;
mod recorder;
mod schema_comments;
mod strategic;

pub use merge_patch::merge_patch;
pub use recorder::Recorder;
pub use schema_comments::{MergeSchemas, SchemaComments};
pub use strategic::{Outcome, strategic_merge};

use crate::yaml::Origin;

/// Why a patch could not be applied.
///
/// A patch does not know its file: `origin` is the place in it, for the caller to turn into a location.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatchError {
    /// The patch has a scalar, list or map where the target has another of the three.
    #[error("`{field}` is {expected} in the object and {found} in the patch")]
    KindMismatch {
        /// Path of the field.
        field: String,
        /// What the object has.
        expected: &'static str,
        /// What the patch has.
        found: &'static str,
        /// The field's place in the patch.
        origin: Origin,
    },
    /// A `$patch` that is none of `delete`, `replace` and `merge`.
    #[error("`{field}` has the unknown patch directive `{directive}`")]
    UnknownDirective {
        /// Path of the map or list.
        field: String,
        /// The value of `$patch`.
        directive: String,
        /// Its place in the patch.
        origin: Origin,
    },
    /// A list that merges by keys, or by value, has an item for which that is impossible.
    #[error("`{field}` merges its items by {by}, and an item does not allow it")]
    ListItem {
        /// Path of the list.
        field: String,
        /// By what the items are paired.
        by: String,
        /// The list's place in the patch.
        origin: Origin,
    },
    /// A list that merges item by item is too long for it.
    #[error("`{field}` has more than {most} items, too many to be merged one by one")]
    TooManyItems {
        /// Path of the list.
        field: String,
        /// How many there may be.
        most: usize,
        /// The list's place in the object.
        origin: Origin,
    },
    /// An operation of a JSON patch is malformed.
    #[error("operation {number} of the JSON patch: {message}")]
    Operation {
        /// The operation, counted from 1.
        number: usize,
        /// What is wrong.
        message: String,
        /// The operation's place in the patch.
        origin: Origin,
    },
    /// A JSON patch is not a list of operations.
    #[error("a JSON patch must be a list of operations")]
    NotAList {
        /// The patch's place.
        origin: Origin,
    },
    /// An operation of a JSON patch does not fit the object.
    #[error("operation {number} of the JSON patch, `{operation} {path}`: {message}")]
    Inapplicable {
        /// The operation, counted from 1.
        number: usize,
        /// `add`, `remove`, `replace`, `move`, `copy` or `test`.
        operation: &'static str,
        /// The path as written.
        path: String,
        /// Why it does not fit.
        message: String,
        /// The operation's place in the patch.
        origin: Origin,
    },
}

impl PatchError {
    /// What the user can do about it, if that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::KindMismatch { .. } => Some("a patch must have the shape of the object that it changes"),
            Self::UnknownDirective { .. } => Some("`$patch` takes `delete`, `replace` or `merge`"),
            Self::ListItem { .. } => Some("give every item of the list its merge key"),
            Self::NotAList { .. } => Some("write each operation as an item of a list: `- op: replace`"),
            Self::Inapplicable { .. } => Some(
                "the path must exist in the object as it is when the patch runs; `/` in a key is written `~1`",
            ),
            Self::Operation { .. } | Self::TooManyItems { .. } => None,
        }
    }

    /// The place in the patch.
    pub fn origin(&self) -> Origin {
        match self {
            Self::KindMismatch { origin, .. }
            | Self::UnknownDirective { origin, .. }
            | Self::ListItem { origin, .. }
            | Self::TooManyItems { origin, .. }
            | Self::Operation { origin, .. }
            | Self::NotAList { origin }
            | Self::Inapplicable { origin, .. } => *origin,
        }
    }
}
