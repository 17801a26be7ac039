//! State in one file: a JSON document with its format and version, replaced as a whole.
//!
//! A reader sees the old state or the new one, whenever the writer dies: the new state is written beside the
//! file, brought to the disk, and renamed over it. One process at a time holds the file, by a lock that ends with
//! it, however it ends.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

/// A file that holds the state of an embedded adapter.
#[derive(Debug)]
pub(super) struct StateFile {
    path: PathBuf,
    /// Held for as long as the state is used; the file itself is replaced, so the lock lies beside it.
    _lock: File,
    format: &'static str,
    version: u64,
}

impl StateFile {
    /// The file at `path`, taken for this process.
    pub(super) fn open(path: &Path, format: &'static str, version: u64) -> Result<Self, String> {
        let message = |what: &str| format!("`{}` {what}", path.display());
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(beside(path, ".lock"))
            .map_err(|error| message(&format!("cannot be locked: {error}")))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock, format, version }),
            Err(TryLockError::WouldBlock) => Err(message("is in use by another process")),
            Err(TryLockError::Error(error)) => Err(message(&format!("cannot be locked: {error}"))),
        }
    }

    /// The state; `None` where there is no file yet. Errors are messages with the file's name.
    pub(super) fn load(&self) -> Result<Option<Json>, String> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.message("cannot be read", &error)),
        };
        let document: Json =
            serde_json::from_slice(&text).map_err(|error| self.message("is damaged", &error))?;
        let format = document.get("format").and_then(Json::as_str).unwrap_or_default();
        if format != self.format {
            return Err(self.message("is of another kind", &format!("`{format}`, not `{}`", self.format)));
        }
        let version = document.get("version").and_then(Json::as_u64).unwrap_or_default();
        if version != self.version {
            let message = format!("version {version}, and this program reads version {}", self.version);
            return Err(self.message("has another version", &message));
        }
        Ok(document.get("state").cloned())
    }

    /// Replaces the state, which is JSON text.
    pub(super) fn save(&self, state: &str) -> Result<(), String> {
        let (format, version) = (self.format, self.version);
        let document = format!("{{\"format\":\"{format}\",\"version\":{version},\"state\":{state}}}\n");
        self.replace(document.as_bytes()).map_err(|error| self.message("cannot be written", &error))
    }

    fn replace(&self, content: &[u8]) -> io::Result<()> {
        let new = beside(&self.path, ".new");
        let mut file = File::create(&new)?;
        file.write_all(content)?;
        file.sync_data()?;
        fs::rename(&new, &self.path)
    }

    fn message(&self, what: &str, cause: &dyn std::fmt::Display) -> String {
        format!("`{}` {what}: {cause}", self.path.display())
    }
}

/// The path with `suffix` at its end.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
