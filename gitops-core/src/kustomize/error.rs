//! Why a kustomization could not be rendered.

use super::remote::RemoteSource;
use super::suggest;
use crate::diagnostic::{Location, mask_credentials};
use crate::patch::PatchError;
use crate::tree::{FileTree, TreePath};
use crate::yaml::{PrintError, ReadError};

/// Why a kustomization could not be rendered.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// A partial tree does not hold these paths yet, nor is it known that nothing stands there: load them, or
    /// say that they are absent, and render again.
    #[error("{} path(s) are not loaded, the first is `{}`", paths.len(), paths.first().map_or("", TreePath::as_str))]
    Missing {
        /// The paths, none twice.
        paths: Vec<TreePath>,
    },
    /// Entries name what is not in the tree: fetch it, or say why it cannot be had, and render again.
    #[error("{at}: `{}` is remote and was not fetched", sources.first().map(ToString::to_string).unwrap_or_default())]
    Remote {
        /// The first of the entries.
        at: Location,
        /// What they name, none twice.
        sources: Vec<RemoteSource>,
    },
    /// An entry names a remote source that cannot be had.
    #[error("{at}: `{url}` cannot be fetched: {message}")]
    Unreachable {
        /// The entry.
        at: Location,
        /// The source, without credentials.
        url: String,
        /// Why.
        message: String,
        /// What to do about it, if that is known.
        hint: Option<String>,
    },
    /// An entry names a source in a form that nothing is fetched by.
    #[error("{at}: `{url}` is not the address of a repository or file that is fetched")]
    NoTransport {
        /// The entry.
        at: Location,
        /// The source, without credentials.
        url: String,
    },
    /// A directory has no kustomization file.
    #[error("{at}: `{directory}` has no `kustomization.yaml`, `kustomization.yml` or `Kustomization`")]
    NoKustomization {
        /// The entry that names the directory; the directory itself for the root of the render.
        at: Location,
        /// The directory.
        directory: String,
    },
    /// A directory has more than one kustomization file.
    #[error("{at}: `{directory}` has more than one kustomization file: {files}")]
    ManyKustomizations {
        /// The entry that names the directory; the directory itself for the root of the render.
        at: Location,
        /// The directory.
        directory: String,
        /// Their names.
        files: String,
    },
    /// A path that an entry names is not in the tree.
    #[error("{at}: `{}` does not exist", mask_credentials(entry))]
    NotFound {
        /// The entry.
        at: Location,
        /// The path as written.
        entry: String,
    },
    /// A path that an entry names is not of the needed sort.
    #[error("{at}: `{}` is not a {expected}", mask_credentials(entry))]
    WrongEntry {
        /// The entry.
        at: Location,
        /// The path as written.
        entry: String,
        /// `file` or `directory`.
        expected: &'static str,
    },
    /// What stands at a path cannot be read.
    #[error("{at}: `{path}` {why}")]
    Unreadable {
        /// The entry that names it; the path itself where no entry does.
        at: Location,
        /// The path.
        path: TreePath,
        /// Why, as the end of a sentence.
        why: String,
    },
    /// A file lies outside the directory of the kustomization that names it.
    #[error("{at}: `{entry}` is not in or below `{root}`")]
    Restricted {
        /// The entry.
        at: Location,
        /// The path as written.
        entry: String,
        /// The directory of the kustomization.
        root: String,
    },
    /// A path is absolute.
    #[error("{at}: `{entry}` is an absolute path")]
    Absolute {
        /// The entry.
        at: Location,
        /// The path as written.
        entry: String,
    },
    /// A path leaves the tree.
    #[error("{at}: `{entry}` leaves the repository")]
    Leaves {
        /// The entry.
        at: Location,
        /// The path as written.
        entry: String,
    },
    /// A kustomization includes itself.
    #[error("{at}: `{entry}` includes a kustomization that is being built")]
    Cycle {
        /// The entry.
        at: Location,
        /// The path as written.
        entry: String,
    },
    /// A file is not text in UTF-8.
    #[error("{at}: the file is not UTF-8 text")]
    NotText {
        /// The file.
        at: Location,
    },
    /// A file is not YAML.
    #[error(transparent)]
    Yaml(#[from] ReadError),
    /// A field is not known.
    #[error("{at}: unknown field `{field}`")]
    UnknownField {
        /// The field.
        at: Location,
        /// Its name.
        field: String,
        /// A known field with a similar name.
        similar: Option<&'static str>,
    },
    /// A value is of the wrong type.
    #[error("{at}: `{field}` must be {expected}, not {found}")]
    WrongType {
        /// The value.
        at: Location,
        /// The field that holds it.
        field: String,
        /// The type that the field needs.
        expected: &'static str,
        /// The type that it has.
        found: &'static str,
    },
    /// A value is of the right type and still wrong.
    #[error("{at}: {message}")]
    Invalid {
        /// The value.
        at: Location,
        /// What is wrong with it.
        message: String,
    },
    /// Two resources have the same identity.
    #[error("{at}: {resource} is already defined at {other}")]
    DuplicateResource {
        /// The later one.
        at: Location,
        /// The earlier one.
        other: Location,
        /// Their identity.
        resource: String,
    },
    /// A patch or a generator names a resource that is not there.
    #[error("{at}: no resource matches {target}")]
    NoTarget {
        /// The patch or generator.
        at: Location,
        /// What it names.
        target: String,
    },
    /// A patch or a generator names a resource and several match.
    #[error("{at}: {count} resources match {target}")]
    ManyTargets {
        /// The patch or generator.
        at: Location,
        /// What it names.
        target: String,
        /// How many match.
        count: usize,
    },
    /// A patch cannot be applied.
    #[error("{at}: {}{source}", object.as_ref().map(|object| format!("patch of {object}: ")).unwrap_or_default())]
    Patch {
        /// The place in the patch.
        at: Location,
        /// The object, where the patch fits no object.
        object: Option<String>,
        /// Why.
        source: Box<PatchError>,
    },
    /// An object cannot be printed.
    #[error("{at}: {source}")]
    Print {
        /// The object.
        at: Location,
        /// Why.
        source: Box<PrintError>,
    },
    /// The kustomization has Helm charts, and the caller has not allowed them.
    #[error("{at}: a helm chart is rendered only where that is allowed")]
    HelmDisabled {
        /// The chart.
        at: Location,
    },
    /// The kustomization asks for something that is not supported here.
    #[error("{at}: {feature} is not supported")]
    Unsupported {
        /// The entry.
        at: Location,
        /// What it asks for.
        feature: &'static str,
    },
    /// An error with advice that fits this case.
    #[error("{error}")]
    Advised {
        /// The error.
        error: Box<RenderError>,
        /// What to do.
        hint: String,
    },
    /// Several errors that were found in one go; the first one stands for all where one place is needed.
    #[error("{}, and {} more", errors.first().map(ToString::to_string).unwrap_or_default(), errors.len().saturating_sub(1))]
    Several {
        /// The errors: more than one, none of them of this variant.
        errors: Vec<RenderError>,
    },
}

impl RenderError {
    /// The same error at the entry that names what cannot be read; every other error as it is.
    #[must_use]
    pub(crate) fn named_at(mut self, place: &Location) -> Self {
        if let Self::Unreadable { at, .. } = &mut self {
            at.clone_from(place);
        }
        self
    }

    /// The same error with advice that fits this case.
    #[must_use]
    pub(crate) fn advise(self, hint: impl Into<String>) -> Self {
        Self::Advised { error: Box::new(self), hint: hint.into() }
    }

    /// The directories whose names could tell what was meant, where a path is not there: add them to the tree, and
    /// ask for [`RenderError::with_suggestions`].
    pub fn directories(&self) -> Vec<TreePath> {
        let mut directories: Vec<_> = self.each().iter().filter_map(suggest::directory).collect();
        directories.sort();
        directories.dedup();
        directories
    }

    /// The same error with the names in `tree` that are close to those that are not there.
    #[must_use]
    pub fn with_suggestions(self, tree: &FileTree) -> Self {
        suggest::improve(self, tree)
    }

    /// The error without the advice.
    pub fn plain(&self) -> &Self {
        if let Self::Advised { error, .. } = self { error.plain() } else { self }
    }

    /// Each error, where there are several; else this one.
    pub fn each(&self) -> &[Self] {
        if let Self::Several { errors } = self { errors } else { std::slice::from_ref(self) }
    }

    /// Whether the same tree always fails with this.
    pub(crate) fn is_lasting(&self) -> bool {
        let passes = |error: &Self| {
            matches!(error, Self::Missing { .. } | Self::Remote { .. } | Self::Unreachable { .. })
        };
        !self.each().iter().any(|error| passes(error.plain()))
    }

    /// Where in the tree it is, if it is about a place.
    pub fn location(&self) -> Option<&Location> {
        match self {
            Self::Missing { .. } => None,
            Self::Yaml(error) => Some(&error.at),
            Self::Advised { error, .. } => error.location(),
            Self::Several { errors } => errors.first().and_then(Self::location),
            Self::Remote { at, .. }
            | Self::Unreachable { at, .. }
            | Self::NoTransport { at, .. }
            | Self::HelmDisabled { at }
            | Self::NoKustomization { at, .. }
            | Self::ManyKustomizations { at, .. }
            | Self::NotFound { at, .. }
            | Self::WrongEntry { at, .. }
            | Self::Unreadable { at, .. }
            | Self::Restricted { at, .. }
            | Self::Absolute { at, .. }
            | Self::Leaves { at, .. }
            | Self::Cycle { at, .. }
            | Self::NotText { at }
            | Self::UnknownField { at, .. }
            | Self::WrongType { at, .. }
            | Self::Invalid { at, .. }
            | Self::DuplicateResource { at, .. }
            | Self::NoTarget { at, .. }
            | Self::ManyTargets { at, .. }
            | Self::Patch { at, .. }
            | Self::Print { at, .. }
            | Self::Unsupported { at, .. } => Some(at),
        }
    }

    /// What the user can do about it, if that is known.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Advised { hint, .. } => Some(hint.clone()),
            Self::Several { errors } => errors.first().and_then(Self::hint),
            Self::NotFound { entry, .. } if entry.starts_with('~') || entry.contains('$') => {
                Some("neither `~` nor a variable is expanded".to_owned())
            }
            Self::Remote { .. } => {
                Some("fetch it first, or copy what it holds into the repository".to_owned())
            }
            Self::Unreachable { hint, .. } => hint.clone(),
            Self::HelmDisabled { .. } => Some("allow it with `--enable-helm`; `helm` has to be there".to_owned()),
            Self::NoTransport { .. } => {
                Some("addresses have the form `https://HOST/OWNER/NAME//PATH?ref=REVISION`, with `http` or `ssh` too".to_owned())
            }
            Self::Leaves { .. } => Some("a kustomization names what is in its own repository".to_owned()),
            Self::NotFound { .. } | Self::WrongEntry { .. } | Self::Absolute { .. } => {
                Some("paths are relative to the directory of the kustomization file".to_owned())
            }
            Self::Restricted { .. } => {
                Some("move the file, or build with `--load-restrictor LoadRestrictionsNone`".to_owned())
            }
            Self::UnknownField { similar: Some(similar), .. } => Some(format!("did you mean `{similar}`?")),
            Self::NoTarget { .. } => {
                Some("group, version, kind, name and namespace must all match a resource".to_owned())
            }
            Self::WrongType { expected: "a string", .. } => Some("put the value in quotes".to_owned()),
            Self::WrongType { expected: "a list", .. } => {
                Some("write each item on a line of its own, after `- `".to_owned())
            }
            Self::Cycle { .. } => Some("take the entry out: a kustomization cannot hold itself".to_owned()),
            Self::ManyKustomizations { .. } => Some("keep one of them".to_owned()),
            Self::NoKustomization { .. } => {
                Some("name a directory that has one, or write one with `resources`".to_owned())
            }
            Self::NotText { .. } => Some(
                "save the file as UTF-8; data that is no text belongs under `files` of a generator"
                    .to_owned(),
            ),
            Self::ManyTargets { .. } => {
                Some("say which one is meant: by `namespace`, or by a `target` with labels".to_owned())
            }
            Self::DuplicateResource { .. } => Some("remove one of them, or turn it into a patch".to_owned()),
            Self::Yaml(error) => error.hint().map(str::to_owned),
            Self::Patch { source, .. } => source.hint().map(str::to_owned),
            Self::Print { source, .. } => source.hint().map(str::to_owned),
            Self::Missing { .. }
            | Self::Unreadable { .. }
            | Self::UnknownField { similar: None, .. }
            | Self::WrongType { .. }
            | Self::Invalid { .. }
            | Self::Unsupported { .. } => None,
        }
    }
}
