//! Folders of fixtures, copied to where a test may change them.

use std::fs;
use std::path::Path;

/// A copy of `input` that is a repository of its own.
pub(crate) fn repository(input: &Path) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join(".git")).unwrap();
    copy(input, root.path());
    root
}

/// Copies `from` with all that is in it to `to`, which is made.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display())) {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
