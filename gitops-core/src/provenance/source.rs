//! The files of one render as texts in which bytes have lines and columns.

use std::sync::{Arc, OnceLock};

use smol_str::SmolStr;

use crate::diagnostic::{LineIndex, Location};
use crate::yaml::ScalarPlaces;

/// A file that a render read, or a text that stands in a string of one, such as an inline patch.
pub struct SourceText {
    path: SmolStr,
    text: Arc<str>,
    role: Role,
    /// Where its lines begin, made on first use.
    lines: OnceLock<LineIndex>,
    /// Where the text is written in the one that it stands in, made on first use.
    places: OnceLock<ScalarPlaces>,
}

/// What a text is.
enum Role {
    /// A file with a manifest, a patch or a kustomization.
    Manifest,
    /// A file the content of which becomes a value.
    Data,
    /// The value of the scalar at a byte of another text.
    Inline(Arc<SourceText>, usize),
}

impl SourceText {
    /// The file at `path`, which holds a manifest, a patch or a kustomization.
    pub fn file(path: impl Into<SmolStr>, text: Arc<str>) -> Self {
        Self::new(path.into(), text, Role::Manifest)
    }

    /// The file at `path`, the content of which becomes a value.
    pub fn data(path: impl Into<SmolStr>, text: Arc<str>) -> Self {
        Self::new(path.into(), text, Role::Data)
    }

    fn new(path: SmolStr, text: Arc<str>, role: Role) -> Self {
        Self { path, text, role, lines: OnceLock::new(), places: OnceLock::new() }
    }

    /// The value `text` of the scalar at the byte `start` of `outer`. White space at its ends does not count.
    pub fn within(outer: Arc<Self>, start: usize, text: Arc<str>) -> Self {
        Self::new(outer.path.clone(), text, Role::Inline(outer, start))
    }

    /// The path of the file.
    pub fn path(&self) -> &SmolStr {
        &self.path
    }

    /// The text.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Whether it stands in a string of a file.
    pub fn is_inline(&self) -> bool {
        matches!(self.role, Role::Inline(..))
    }

    /// Whether it is a file with a manifest, a patch or a kustomization.
    pub fn is_manifest(&self) -> bool {
        matches!(self.role, Role::Manifest)
    }

    /// The whole file, and the place in it of the byte `offset` of this text.
    pub fn in_file(&self, offset: usize) -> (&Self, usize) {
        match &self.role {
            Role::Manifest | Role::Data => (self, offset),
            Role::Inline(outer, start) => {
                let places = self.places.get_or_init(|| ScalarPlaces::new(&outer.text, *start, &self.text));
                outer.in_file(places.at(offset).unwrap_or(*start))
            }
        }
    }

    /// Where the lines of the text begin.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }

    /// The byte at `line` and `column`, both counted from 1, of this text; its start for line 0.
    pub fn offset(&self, line: u32, column: u32) -> usize {
        self.lines().offset(&self.text, line, column)
    }

    /// Line and column of the byte `offset`.
    pub fn location(&self, offset: usize) -> Location {
        let (file, offset) = self.in_file(offset);
        let (line, column) = file.lines().position(&file.text, offset);
        Location::new(file.path.clone(), line, column)
    }
}

/// The path, and where an inline text stands; not the text, which may hold a secret.
impl std::fmt::Debug for SourceText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("SourceText");
        shown.field("path", &self.path);
        match &self.role {
            Role::Manifest => {}
            Role::Data => drop(shown.field("is_data", &true)),
            Role::Inline(outer, start) => drop(shown.field("outer", outer).field("start", start)),
        }
        shown.finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_an_inline_text_is_a_place_in_its_file() {
        let text = "patches:\n- patch: |\n    a:\n      b: 'c: \"\n        d\"'\n";
        let file = Arc::new(SourceText::file("k.yaml", text.into()));
        let start = text.find('|').unwrap_or_default();
        let patch = Arc::new(SourceText::within(file, start, "a:\n  b: 'c: \"\n    d\"'\n".into()));
        assert_eq!(patch.location(5).to_string(), "k.yaml:4:7");
        assert_eq!(patch.location(patch.offset(2, 3)).to_string(), "k.yaml:4:7");
        let inner = SourceText::within(patch, 8, "c: \" d\"".into());
        assert_eq!(inner.location(5).to_string(), "k.yaml:5:9");
        assert!(inner.is_inline());
    }
}
