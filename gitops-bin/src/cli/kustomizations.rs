//! The kustomizations in and below a directory, for the verbs that look at several.

use std::path::Path;

use gitops_core::diagnostic::Location;
use gitops_core::tree::TreePath;
use gitops_ports::git::GitError;

use super::Failure;
use super::build::Place;
use super::source_line::SourceLine;
use crate::batch::{Batch, Source, Unreadable};
use crate::source::MOST_LOADED;

/// The kustomizations in and below `place` that no other one there includes; `directory` is what the user calls it.
///
/// # Errors
/// There is none, or too much to look through.
pub(super) fn roots<S: Source>(
    batch: &mut Batch<S>,
    place: &Place,
    directory: &Path,
) -> Result<Vec<TreePath>, Failure> {
    let roots = batch.find_roots(&place.path).map_err(|error| refused(&error))?;
    if roots.is_empty() {
        let message = format!("there is no kustomization in `{}` or below it", directory.display());
        return Err(Failure::usage(message)
            .hint(Some("name a directory with a `kustomization.yaml`, or one above several")));
    }
    Ok(roots)
}

/// Why a tree could not be looked through.
pub(super) fn refused(error: &GitError) -> Failure {
    let is_input = holds_too_much(error) || matches!(error, GitError::Path { .. });
    let failure = if is_input { Failure::usage } else { Failure::outside };
    failure(error.to_string()).hint(error.hint())
}

/// Why a render could not have a file that it needs.
pub(super) fn unreadable(why: &Unreadable) -> Failure {
    let failure = if holds_too_much(&why.error) {
        let most = MOST_LOADED >> 20;
        Failure::usage(format!("the files that are needed hold more than {most} MiB"))
            .hint(Some("build less at once, or leave out files that are no manifests"))
    } else {
        refused(&why.error)
    };
    failure.at(Location::file(why.path.to_string()), SourceLine::Absent)
}

fn holds_too_much(error: &GitError) -> bool {
    matches!(error, GitError::TooLarge { .. } | GitError::TooManyFiles { .. })
}
