//! One daemon a state directory: the operating system's file lock, which a killed process cannot leave behind.

use std::fs::{File, TryLockError};

use crate::cli::Failure;
use crate::state::StateDirectory;

/// The right to use a state directory, held until it is dropped.
#[derive(Debug)]
pub(super) struct StateLock {
    _file: File,
}

impl StateLock {
    /// Takes the lock of `state`.
    pub(super) fn take(state: &StateDirectory) -> Result<Self, Failure> {
        let path = state.root().join("lock");
        let broken =
            |error: std::io::Error| Failure::outside(format!("cannot lock `{}`: {error}", path.display()));
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(broken)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => {
                Err(Failure::outside(format!("another daemon uses `{}`", state.root().display()))
                    .hint(Some("stop it, or choose another directory with `--state DIR`")))
            }
            Err(TryLockError::Error(error)) => Err(broken(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_daemon_is_refused_until_the_first_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDirectory::at(folder.path());
        let first = StateLock::take(&state).unwrap();
        assert!(StateLock::take(&state).unwrap_err().message.starts_with("another daemon uses"));
        drop(first);
        StateLock::take(&state).unwrap();
    }
}
