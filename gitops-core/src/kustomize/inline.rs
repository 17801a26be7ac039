//! Where the text of a string stands in its file, line by line: a patch inside of a kustomization has places of
//! its own.

use std::sync::Arc;

use super::files::SourceFile;
use super::manifest::map_origins;
use crate::diagnostic::Location;
use crate::yaml::{Node, Origin};

/// A string in a file, and where its lines stand there.
#[derive(Clone, Debug)]
pub(crate) struct Inline {
    /// Where the string begins: its quote, or the `|` of a block.
    origin: Origin,
    /// The offset of each line in the text and in the file; empty where the text is not in the file as it is.
    lines: Arc<[(usize, usize)]>,
}

impl Inline {
    /// The string `text`, or what is left of it after blanks around it were taken away, which begins at `origin`.
    pub(crate) fn new(file: &SourceFile, text: &str, origin: Origin) -> Self {
        let written = origin.as_offset().and_then(|start| Some((start, file.text.get(start..)?)));
        let lines = written.map_or_else(Vec::new, |(start, written)| lines(written, start, text));
        Self { origin, lines: lines.into() }
    }

    /// The place in the file of the byte `offset` of the text; the place of the string where it is not known.
    pub(crate) fn origin(&self, offset: usize) -> Origin {
        let at = self.lines.partition_point(|(start, _)| *start <= offset);
        match at.checked_sub(1).and_then(|at| self.lines.get(at)) {
            Some((start, place)) => Origin::offset(place + (offset - start)),
            None => self.origin,
        }
    }

    /// Turns the offsets in the text that `node` and what is below it hold into offsets in the file.
    pub(crate) fn place(&self, node: &mut Node) {
        map_origins(node, &mut |origin| origin.as_offset().map_or(self.origin, |offset| self.origin(offset)));
    }

    /// The place in the file of a line and column of the text.
    pub(crate) fn locate(&self, file: &SourceFile, at: &Location) -> Location {
        let line = usize::try_from(at.line).ok().and_then(|line| line.checked_sub(1));
        match line.and_then(|line| self.lines.get(line)) {
            Some((_, place)) => {
                let start = file.at_offset(*place);
                Location { column: start.column + at.column.saturating_sub(1), ..start }
            }
            None => file.at(self.origin),
        }
    }
}

/// The lines of `text`, which `written` begins with at offset `start`.
fn lines(written: &str, start: usize, text: &str) -> Vec<(usize, usize)> {
    if written.starts_with('|') {
        return block_lines(written, start, text).unwrap_or_default();
    }
    let opening = usize::from(written.starts_with(['"', '\'']));
    let is_verbatim =
        !text.contains('\n') && written.get(opening..).is_some_and(|rest| rest.starts_with(text));
    if is_verbatim { vec![(0, start + opening)] } else { vec![] }
}

/// The lines of a literal block; nothing where they are not those of `text`.
fn block_lines(written: &str, start: usize, text: &str) -> Option<Vec<(usize, usize)>> {
    let mut offset = written.find('\n')? + 1;
    let mut content = written.get(offset..)?.split_inclusive('\n').map(|line| {
        let at = offset;
        offset += line.len();
        (at, line.trim_end_matches(['\n', '\r']))
    });
    let mut found = vec![];
    let mut in_text = 0;
    let mut indent = None;
    for wanted in text.split('\n') {
        let place = loop {
            let (at, line) = content.next()?;
            let blanks = line.len() - line.trim_start_matches(' ').len();
            let is_blank = blanks == line.len();
            if indent.is_none() && is_blank && !wanted.trim().is_empty() {
                // Blank lines above a text that was trimmed.
                continue;
            }
            if indent.is_none() && !is_blank {
                // The first line may have lost blanks of its own, or the text may begin with some.
                indent = Some(
                    line.trim_end()
                        .len()
                        .checked_sub(wanted.trim_end().len())
                        .filter(|left| *left <= blanks)?,
                );
            }
            let from = indent.unwrap_or(0).min(line.len());
            if line.get(from..)?.trim_end() != wanted.trim_end() {
                return None;
            }
            break at + from;
        };
        found.push((in_text, start + place));
        in_text += wanted.len() + 1;
        if in_text >= text.len() {
            break;
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(written: &str, text: &str, expected: &[(usize, usize)]) {
        assert_eq!(lines(written, 100, text), expected, "{written:?}");
    }

    #[test]
    fn the_lines_of_a_string_are_found() {
        check("|\n  a: 1\n  b:\n    c\nd: 2\n", "a: 1\nb:\n  c\n", &[(0, 104), (5, 111), (8, 116)]);
        check("|-\n\n  a: 1\n\n  b: 2\n", "a: 1\n\nb: 2", &[(0, 106), (5, 111), (6, 114)]);
        check("|  # c\r\n    a\r\n    b\r\n", "a\nb\n", &[(0, 112), (2, 119)]);
        check("\"a: 1\" # c", "a: 1", &[(0, 101)]);
        check("a.yaml\n", "a.yaml", &[(0, 100)]);
        check("\"a\\n b\"", "a\n b", &[]);
        check(">\n  a\n  b\n", "a b\n", &[]);
    }
}
