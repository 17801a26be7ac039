//! Literal (`|`) and folded (`>`) block scalars.

use super::Scanner;
use crate::yaml::resolve::Dialect;
use crate::yaml::scalar::Scalar;

/// What becomes of the line breaks at the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomp {
    Strip,
    Clip,
    Keep,
}

struct Header {
    folded: bool,
    chomp: Chomp,
    /// Columns that the content is indented beyond its parent, if that is given.
    indent: Option<usize>,
}

impl Scanner<'_> {
    /// The block scalar of a parent at the column `parent`. The cursor goes to the next content.
    pub(super) fn block_scalar(&mut self, parent: usize) -> Option<Scalar> {
        let header = self.header()?;
        let indent = match header.indent {
            Some(indent) => parent + indent,
            None => self.detect_indent(parent)?,
        };
        let text = self.block_lines(&header, indent)?;
        if text.starts_with('\t') {
            return None;
        }
        self.comment = false;
        self.next_content()?;
        let scalar = Scalar::quoted(text);
        if self.next.is_none() && self.comment && scalar.text().ends_with("\n\n") {
            return None;
        }
        Some(if header.folded && self.dialect == Dialect::Resource { scalar.folded() } else { scalar })
    }

    /// The header line, and the line break behind it.
    fn header(&mut self) -> Option<Header> {
        let mut header = Header { folded: self.peek()? == b'>', chomp: Chomp::Clip, indent: None };
        self.at += 1;
        for _ in 0..2 {
            match self.peek() {
                Some(b'-') if header.chomp == Chomp::Clip => header.chomp = Chomp::Strip,
                Some(b'+') if header.chomp == Chomp::Clip => header.chomp = Chomp::Keep,
                Some(digit @ b'1'..=b'9') if header.indent.is_none() => {
                    header.indent = Some(usize::from(digit - b'0'));
                }
                Some(_) | None => break,
            }
            self.at += 1;
        }
        let after = self.at;
        self.skip_spaces();
        match self.peek() {
            Some(b'#') if self.at > after => self.at = self.line_end(),
            None | Some(b'\n') => {}
            Some(_) => return None,
        }
        self.at = (self.at + 1).min(self.bytes.len());
        Some(header)
    }

    /// The indentation of the first line that is not blank.
    fn detect_indent(&self, parent: usize) -> Option<usize> {
        let mut widest = 0;
        for line in self.text.get(self.at..)?.split('\n') {
            let content = line.trim_start_matches(' ');
            let width = line.len() - content.len();
            match content.as_bytes() {
                [] => widest = widest.max(width),
                // What a tab or a blank line with more columns than the content means is left to others.
                [b'\t', ..] => return None,
                _ if widest > width => return None,
                _ => return Some(width.max(parent + 1)),
            }
        }
        Some(widest.max(parent + 1))
    }

    /// The lines that are indented by `indent` or blank, joined and chomped.
    fn block_lines(&mut self, header: &Header, indent: usize) -> Option<String> {
        let mut text = String::new();
        let mut breaks = 0;
        let mut first = true;
        let mut after_blank = false;
        loop {
            let line_end = self.line_end();
            let line = self.slice(self.at, line_end)?;
            let width = line.bytes().take(indent).take_while(|byte| *byte == b' ').count();
            let content = line.get(width..)?;
            let last = line_end >= self.bytes.len();
            if content.is_empty() {
                if last {
                    self.at = line_end;
                    break;
                }
                breaks += 1;
                self.at = line_end + 1;
                continue;
            }
            if width < indent {
                if content.starts_with('\t') {
                    return None;
                }
                break;
            }
            let blank = content.starts_with([' ', '\t']);
            join(&mut text, breaks, first, header.folded && !after_blank && !blank);
            text.push_str(content);
            (first, after_blank, breaks) = (false, blank, usize::from(!last));
            self.at = (line_end + 1).min(self.bytes.len());
            if last {
                break;
            }
        }
        chomp(&mut text, breaks, first, header.chomp);
        Some(text)
    }
}

/// Puts what stands for `breaks` line breaks between two lines; before the first line all of them are kept.
fn join(text: &mut String, breaks: usize, first: bool, fold: bool) {
    if fold && !first {
        super::block::fold(text, breaks);
    } else {
        text.extend(std::iter::repeat_n('\n', breaks));
    }
}

fn chomp(text: &mut String, breaks: usize, empty: bool, chomp: Chomp) {
    let kept = match chomp {
        Chomp::Strip => 0,
        Chomp::Clip if empty => 0,
        Chomp::Clip => breaks.min(1),
        Chomp::Keep => breaks,
    };
    text.extend(std::iter::repeat_n('\n', kept));
}
