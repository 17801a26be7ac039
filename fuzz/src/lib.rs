//! What the fuzz targets share: how one input stands for several texts or files.

use gitops_core::tree::{Entry, File, FileTree, TreePath};

/// The line that separates the texts of one input.
const SEPARATOR: &str = "\n--8<--\n";

/// The start of a line that names a file; the lines after it are its content.
const FILE: &str = "=== ";

/// The two texts of an input, around the first [`SEPARATOR`].
pub fn two_texts(input: &[u8]) -> Option<(&str, &str)> {
    std::str::from_utf8(input).ok()?.split_once(SEPARATOR)
}

/// The directory to build and the files of an input: `=== PATH` starts a file, and the directory of the first
/// file is built. `=== PATH -> TARGET` is a symbolic link.
pub fn file_tree(input: &[u8]) -> Option<(TreePath, FileTree)> {
    let mut tree = FileTree::new();
    let mut root = None;
    let mut rest = input.strip_prefix(FILE.as_bytes())?;
    loop {
        let next = find(rest, b"\n=== ");
        let (file, after) = match next {
            Some(at) => (&rest[..=at], Some(&rest[at + 5..])),
            None => (rest, None),
        };
        let line = file.iter().position(|byte| *byte == b'\n').unwrap_or(file.len());
        let name = std::str::from_utf8(&file[..line]).ok()?;
        let content = file.get(line + 1..).unwrap_or_default();
        let (name, entry) = match name.split_once(" -> ") {
            Some((name, target)) => (name, Entry::Symlink(target.to_owned())),
            None => (name, Entry::File(File::new(content))),
        };
        let path = TreePath::parse(name).ok()?;
        // A file is no directory, in no tree.
        let mut above = path.parent();
        while let Some(directory) = above {
            if tree.get(&directory).is_some() {
                return None;
            }
            above = directory.parent();
        }
        if tree.is_directory(&path) {
            return None;
        }
        root.get_or_insert_with(|| path.parent().unwrap_or_else(TreePath::root));
        tree.insert(path, entry);
        match after {
            Some(after) => rest = after,
            None => break,
        }
    }
    Some((root?, tree))
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}
