//! libgit2's errors in the port's words.

use gitops_ports::git::GitError;

/// What failed while `context` was done.
pub(crate) fn failed(context: impl Into<String>) -> impl FnOnce(git2::Error) -> GitError {
    let context = context.into();
    move |error| {
        let message = error.message().to_owned();
        if matches!(error.code(), git2::ErrorCode::Locked | git2::ErrorCode::Timeout) {
            return GitError::Unavailable { message: format!("{context}: {message}") };
        }
        GitError::Repository { context, message }
    }
}

/// A path that Git cannot hold.
pub(crate) fn bad_path(path: impl Into<String>, message: impl Into<String>) -> GitError {
    GitError::Path { path: path.into(), message: message.into() }
}
