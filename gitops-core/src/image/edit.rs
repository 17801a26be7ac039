//! Writes image tags into the `images:` list of a kustomization, changing only the bytes that must change.
//!
//! What `kustomize edit set image` and Argo CD Image Updater do to the same list, without their losses: they
//! replace the whole entry and print the file anew. Every result is read again and compared with the intended
//! data before it is returned.

mod fields;
mod plan;
mod verify;

#[cfg(test)]
mod tests;

use crate::diagnostic::Location;
use crate::yaml::edit::{Form, Layout, LayoutError};

/// A change of one image, with the fields of an entry of `images:`.
///
/// Of `new_tag` and `digest`, the one that is not carried is removed from the entry: kustomize would go on
/// pinning a stale digest. A missing `new_name` leaves the one that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageUpdate {
    /// The image as the manifests name it; entries are found by it, else by their `newName`.
    pub name: String,
    /// The image to put in its place.
    pub new_name: Option<String>,
    /// The tag.
    pub new_tag: Option<String>,
    /// The digest; its syntax is not checked.
    pub digest: Option<String>,
}

/// Why a kustomization was left as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EditError {
    /// The file is not UTF-8.
    #[error("{path}: not UTF-8")]
    Encoding {
        /// The file.
        path: String,
    },
    /// The file is not YAML that kustomize reads.
    #[error(transparent)]
    Yaml(#[from] LayoutError),
    /// The file holds more than one document: kustomize reads the first and ignores the others silently.
    #[error("{at}: a kustomization must be a single document")]
    MultipleDocuments {
        /// Where the second document begins.
        at: Location,
    },
    /// The document is not a mapping.
    #[error("{at}: a kustomization must be a mapping")]
    NotAMapping {
        /// Where the document begins.
        at: Location,
    },
    /// `images` is not a list.
    #[error("{at}: `images` must be a list")]
    ImagesNotAList {
        /// Where its value begins.
        at: Location,
    },
    /// The change would reach other places of the file through an anchor.
    #[error("{at}: `{field}` is shared through an anchor, so a change would reach other places")]
    AnchorReferenced {
        /// Where the shared value is.
        at: Location,
        /// The field.
        field: String,
    },
    /// The layout of the file leaves no place for the change.
    #[error("{at}: {what} cannot be edited in this layout")]
    Layout {
        /// Where.
        at: Location,
        /// What.
        what: &'static str,
    },
    /// An update carries nothing, or no name.
    #[error("the update of image `{name}` carries no name, tag or digest")]
    EmptyUpdate {
        /// Its name.
        name: String,
    },
    /// A tag is not one that a registry can hold.
    #[error("`{tag}` is not a valid tag for image `{name}`")]
    InvalidTag {
        /// The image.
        name: String,
        /// The tag.
        tag: String,
    },
    /// The changed file did not read as intended, so it was thrown away.
    #[error("{path}: the edited file would not read as intended")]
    NotAsIntended {
        /// The file.
        path: String,
    },
}

impl EditError {
    /// A stable word for the kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Encoding { .. } | Self::Yaml(_) => "invalid-yaml",
            Self::MultipleDocuments { .. } => "multiple-documents",
            Self::NotAMapping { .. } => "not-a-mapping",
            Self::ImagesNotAList { .. } => "images-not-a-list",
            Self::AnchorReferenced { .. } => "anchor-referenced",
            Self::Layout { .. } => "unsupported-layout",
            Self::EmptyUpdate { .. } => "empty-update",
            Self::InvalidTag { .. } => "invalid-tag",
            Self::NotAsIntended { .. } => "not-as-intended",
        }
    }

    /// What the user can do about it, if we know.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::MultipleDocuments { .. } => Some("move the other documents to files of their own"),
            Self::AnchorReferenced { .. } => Some("write the value out in both places"),
            Self::Layout { .. } => Some("write the `images` list with one key per line"),
            Self::InvalidTag { .. } => Some(
                "a tag has at most 128 letters, digits, `_`, `.` and `-`, and starts with none of the last two",
            ),
            Self::Encoding { .. }
            | Self::Yaml(_)
            | Self::NotAMapping { .. }
            | Self::ImagesNotAList { .. }
            | Self::EmptyUpdate { .. }
            | Self::NotAsIntended { .. } => None,
        }
    }
}

/// The kustomization with `updates` written into its `images:` list; equal to the input where nothing changes.
///
/// An update addresses every entry whose `name` is its name; if there is none, the entries whose `newName` is;
/// if there is none, a new entry at the end of the list. Only the bytes of changed values differ: quotes,
/// comments, line breaks and spacing stay. New values are quoted where any reader of YAML 1.1 or 1.2 could take
/// them for anything but a string.
pub fn edit(kustomization: &[u8], updates: &[ImageUpdate]) -> Result<Vec<u8>, EditError> {
    edit_file("kustomization.yaml", kustomization, updates)
}

/// As [`edit`], naming the file `path` in errors.
pub fn edit_file(path: &str, kustomization: &[u8], updates: &[ImageUpdate]) -> Result<Vec<u8>, EditError> {
    updates.iter().try_for_each(check_update)?;
    let text =
        std::str::from_utf8(kustomization).map_err(|_| EditError::Encoding { path: path.to_owned() })?;
    let layout = Layout::read(path, text)?;
    check_document(path, &layout)?;
    let targets = plan::targets(path, &layout, updates)?;
    let mut edited = plan::change_entries(path, &layout, updates, &targets)?;
    for step in [plan::complete_entries, plan::add_entries] {
        let layout = Layout::read(path, &edited)?;
        edited = step(path, &layout, updates, &targets)?;
    }
    verify::reads_as_intended(path, text, &edited, updates, &targets)?;
    Ok(edited.into_bytes())
}

/// Whether a registry can hold `tag`: the grammar of the OCI distribution specification.
pub fn is_valid_tag(tag: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    tag.len() <= 128
        && tag.bytes().next().is_some_and(word)
        && tag.bytes().all(|byte| word(byte) || matches!(byte, b'.' | b'-'))
}

fn check_update(update: &ImageUpdate) -> Result<(), EditError> {
    let nothing = update.new_name.is_none() && update.new_tag.is_none() && update.digest.is_none();
    if nothing || update.name.is_empty() {
        return Err(EditError::EmptyUpdate { name: update.name.clone() });
    }
    match &update.new_tag {
        Some(tag) if !is_valid_tag(tag) => {
            Err(EditError::InvalidTag { name: update.name.clone(), tag: tag.clone() })
        }
        Some(_) | None => Ok(()),
    }
}

fn check_document(path: &str, layout: &Layout<'_>) -> Result<(), EditError> {
    if let Some(second) = layout.documents.get(1) {
        return Err(EditError::MultipleDocuments { at: layout.location(path, second.start) });
    }
    match layout.documents.first() {
        Some(root) if matches!(root.form, Form::Mapping(..)) => Ok(()),
        root => {
            let at = layout.location(path, root.map_or(0, |root| root.start));
            Err(EditError::NotAMapping { at })
        }
    }
}
