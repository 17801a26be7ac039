//! The manifests of Argo, typed: what a manifest says becomes a value with every field checked.
//!
//! Null and an empty list stay apart, because an `AppProject` gives them opposite meanings. Nothing here
//! decides anything, fetches anything or fills in what a controller would default at run time.

use smol_str::SmolStr;

use crate::diagnostic::Location;
use crate::yaml::Origin;

mod fields;
mod metadata;
pub(crate) mod reader;

pub mod analysis;
pub mod app_project;
pub mod application;
pub mod image_updater;
pub mod rollout;
pub mod sync_approval;

pub use fields::{FieldError, IntOrString};
pub use metadata::Metadata;

/// Why a manifest is not what its kind says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// The manifest is of another kind.
    #[error("{at}: expected `{expected}`, found `{found}`")]
    Kind {
        /// The manifest.
        at: Location,
        /// `apiVersion/kind` that was asked for.
        expected: SmolStr,
        /// `apiVersion/kind` that is there.
        found: SmolStr,
    },
    /// A field that the kind requires is not there.
    #[error("{at}: `{field}` is required")]
    Missing {
        /// The manifest.
        at: Location,
        /// Path of the field.
        field: String,
    },
    /// A field has another type than the kind gives it.
    #[error("{at}: `{field}` must be {expected}, found {found}")]
    Type {
        /// The manifest.
        at: Location,
        /// Where the value was written.
        origin: Origin,
        /// Path of the field.
        field: String,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// A field has a value that its kind refuses.
    #[error("{at}: `{field}`: {message}")]
    Value {
        /// The manifest.
        at: Location,
        /// Where the value was written.
        origin: Origin,
        /// Path of the field.
        field: String,
        /// What is wrong with it.
        message: String,
    },
}

impl ApiError {
    /// What the user can do about it, if that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Kind { .. } => Some("check `apiVersion` and `kind`"),
            Self::Type { expected: "a string", .. } => {
                Some("quote the value: YAML reads it as a number or boolean")
            }
            Self::Missing { .. } | Self::Type { .. } | Self::Value { .. } => None,
        }
    }

    /// Where the value was written, to refine the location that the error names.
    pub fn origin(&self) -> Origin {
        match self {
            Self::Type { origin, .. } | Self::Value { origin, .. } => *origin,
            Self::Kind { .. } | Self::Missing { .. } => Origin::UNKNOWN,
        }
    }
}
