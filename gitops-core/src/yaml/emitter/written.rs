//! Nodes to text in the order and style in which they were written, as go-yaml prints nodes that it has read:
//! quotes and comments stay, blank lines go, lists stand at the column of their key, and nothing is folded.
//!
//! Anchors are printed as what they stand for, and a comment behind a key whose value is no scalar is lost.

use super::sink::Sink;
use super::text;
use crate::yaml::node::{Entry, Node, Origin, Value};
use crate::yaml::scalar::{Scalar, Tag};

/// Prints a node that was read from `text`. Nodes that were not read from it take the usual style.
pub fn print_as_written(node: &Node, text: &str) -> String {
    let mut printer = Printer { source: text, out: String::new() };
    printer.block(node, 0, Place::Root);
    for line in printer.comments_above(text.len(), 0) {
        printer.whole_line(&line, 0);
    }
    printer.fresh_line();
    printer.out
}

/// What a node follows on its line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Key,
    Dash,
}

struct Printer<'t> {
    source: &'t str,
    out: String,
}

impl Printer<'_> {
    fn block(&mut self, node: &Node, indent: usize, place: Place) {
        match &node.value {
            Value::Mapping(mapping) if !mapping.is_empty() && !self.is_flow(node) => {
                for (at, entry) in mapping.entries().iter().enumerate() {
                    self.begin(entry.key_origin, indent, at == 0 && place == Place::Dash);
                    self.key(entry, false);
                    self.block(&entry.value, indent + 2, Place::Key);
                }
            }
            Value::Sequence(items) if !items.is_empty() && !self.is_flow(node) => {
                let indent = if place == Place::Key { indent.saturating_sub(2) } else { indent };
                for (at, item) in items.iter().enumerate() {
                    self.begin(item.origin, indent, at == 0 && place == Place::Dash);
                    self.out.push('-');
                    self.block(item, indent + 2, Place::Dash);
                }
            }
            Value::Scalar(scalar) => {
                let printed = styled(scalar, self.mark(node.origin), indent, false);
                self.after_space(&printed, place);
                if let Some(comment) = self.line_comment(node.origin) {
                    self.out.push(' ');
                    self.out.push_str(&comment);
                }
            }
            Value::Mapping(_) | Value::Sequence(_) => {
                self.after_space("", place);
                self.out.push_str(if place == Place::Root { "" } else { " " });
                self.flow(node);
            }
        }
    }

    fn flow(&mut self, node: &Node) {
        match &node.value {
            Value::Scalar(scalar) => {
                let printed = styled(scalar, self.mark(node.origin), 0, true);
                self.out.push_str(&printed);
            }
            Value::Sequence(items) => {
                self.out.push('[');
                for (at, item) in items.iter().enumerate() {
                    self.out.push_str(if at > 0 { ", " } else { "" });
                    self.flow(item);
                }
                self.out.push(']');
            }
            Value::Mapping(mapping) => {
                self.out.push('{');
                for (at, entry) in mapping.entries().iter().enumerate() {
                    self.out.push_str(if at > 0 { ", " } else { "" });
                    self.key(entry, true);
                    self.out.push(' ');
                    self.flow(&entry.value);
                }
                self.out.push('}');
            }
        }
    }

    fn key(&mut self, entry: &Entry, in_flow: bool) {
        let key = styled(&entry.key, self.mark(entry.key_origin), 0, in_flow);
        self.out.push_str(&key);
        self.out.push(':');
    }

    fn after_space(&mut self, printed: &str, place: Place) {
        if place != Place::Root && !printed.is_empty() {
            self.out.push(' ');
        }
        self.out.push_str(printed);
    }

    /// Starts an entry or item: on this line behind a dash, or on a line below its comments.
    fn begin(&mut self, origin: Origin, indent: usize, behind_dash: bool) {
        if behind_dash {
            self.out.push(' ');
            return;
        }
        if let Some(offset) = origin.as_offset() {
            let start = self.source.get(..offset).and_then(|text| text.rfind('\n')).map_or(0, |at| at + 1);
            let line = self.source.get(start..).unwrap_or_default();
            for comment in self.comments_above(start, line.len() - line.trim_start_matches(' ').len()) {
                self.whole_line(&comment, indent);
            }
        }
        self.fresh_line();
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    fn whole_line(&mut self, line: &str, indent: usize) {
        self.fresh_line();
        if line.is_empty() {
            self.out.push('\n');
        } else {
            self.out.extend(std::iter::repeat_n(' ', indent));
            self.out.push_str(line);
        }
    }

    fn fresh_line(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    /// The comments on the lines directly above `start`, as far as they stand no deeper than `column`; one empty
    /// line stands for blank ones between them.
    fn comments_above(&self, start: usize, column: usize) -> Vec<String> {
        let mut comments: Vec<String> = vec![];
        for line in self.source.get(..start).unwrap_or_default().lines().rev() {
            let comment = line.trim_start();
            let is_comment = comment.starts_with('#') && line.len() - comment.len() <= column;
            if is_comment || comment.is_empty() && comments.last().is_some_and(|below| !below.is_empty()) {
                comments.push(comment.trim_end().to_owned());
            } else if !comment.is_empty() {
                break;
            }
        }
        if comments.last().is_some_and(String::is_empty) {
            comments.pop();
        }
        comments.reverse();
        comments
    }

    /// The comment behind a scalar that was written on one line.
    fn line_comment(&self, origin: Origin) -> Option<String> {
        let line = self.source.get(origin.as_offset()?..)?.lines().next()?;
        let end = match line.chars().next()? {
            quote @ ('"' | '\'') => closing_quote(line, quote)?,
            '|' | '>' => return None,
            _ => line.find(" #")?,
        };
        let comment = line.get(end..)?.trim();
        comment.starts_with('#').then(|| comment.to_owned())
    }

    fn is_flow(&self, node: &Node) -> bool {
        matches!(self.mark(node.origin), Some('{' | '['))
    }

    /// The character with which a node begins in the source; `|` or `>` for a block, whose origin is its text.
    fn mark(&self, origin: Origin) -> Option<char> {
        let (before, rest) = self.source.split_at_checked(origin.as_offset()?)?;
        let header =
            before.trim_end_matches(' ').strip_suffix('\n').and_then(|lines| lines.lines().next_back());
        let header = header.map(|line| line.split(" #").next().unwrap_or_default().trim_end());
        let header =
            header.map(|line| line.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-')));
        let header = header.and_then(|line| Some((line.strip_suffix(['|', '>'])?, line.chars().next_back())));
        match header {
            Some((before, mark)) if before.trim_end().ends_with([':', '-']) => mark,
            Some(_) | None => rest.chars().next(),
        }
    }
}

/// The end of a quoted scalar that ends on this line.
fn closing_quote(line: &str, quote: char) -> Option<usize> {
    let mut characters = line.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character == '\\' && quote == '"' {
            characters.next();
        } else if character == quote {
            match characters.peek() {
                Some((_, next)) if *next == quote && quote == '\'' => drop(characters.next()),
                Some(_) | None => return Some(at + 1),
            }
        }
    }
    None
}

/// A scalar in the style that its first character stands for, as far as its text allows.
fn styled(scalar: &Scalar, mark: Option<char>, indent: usize, in_flow: bool) -> String {
    let text = scalar.text();
    let mut sink = Sink::new();
    match mark {
        Some('\'') if text::can_be_single_quoted(text) => text::write_single_quoted(&mut sink, text, None),
        Some('"' | '\'') => text::write_double_quoted(&mut sink, text, None),
        Some('|') if !in_flow => text::write_literal(&mut sink, text, indent),
        Some('>') if !in_flow => return folded(text, indent),
        _ if scalar.tag() == Tag::Str => return plain_string(text, indent, in_flow),
        _ => return plain(scalar),
    }
    sink.into_text()
}

/// A text that has a type: with its tag where the text alone would have another.
fn plain(scalar: &Scalar) -> String {
    let tag = match scalar.tag() {
        tag if tag == Scalar::plain(scalar.text()).tag() => return scalar.text().to_owned(),
        Tag::Null => "!!null",
        Tag::Bool => "!!bool",
        Tag::Int => "!!int",
        Tag::Float => "!!float",
        Tag::Timestamp => "!!timestamp",
        Tag::Binary => "!!binary",
        Tag::Str | Tag::Merge => return scalar.text().to_owned(),
    };
    format!("{tag} {}", scalar.text())
}

fn plain_string(text: &str, indent: usize, in_flow: bool) -> String {
    let mut sink = Sink::new();
    if Scalar::plain(text).tag() != Tag::Str {
        text::write_double_quoted(&mut sink, text, None);
    } else if text.contains('\n') && !in_flow {
        text::write_literal(&mut sink, text, indent);
    } else if text::can_be_plain(text) && !(in_flow && text.contains([',', '[', ']', '{', '}', '?', ':'])) {
        return text.to_owned();
    } else if text::can_be_single_quoted(text) && !text.contains('\n') {
        text::write_single_quoted(&mut sink, text, None);
    } else {
        text::write_double_quoted(&mut sink, text, None);
    }
    sink.into_text()
}

/// A folded block without any line that is broken.
fn folded(text: &str, indent: usize) -> String {
    let body = text.trim_end_matches('\n');
    let chomping = match text.len() - body.len() {
        0 => "-",
        1 => "",
        _ => "+",
    };
    let mut out = format!(">{chomping}\n");
    for (at, line) in body.split('\n').enumerate() {
        if at > 0 {
            out.push('\n');
        }
        if !line.is_empty() {
            out.extend(std::iter::repeat_n(' ', indent));
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read_one;

    /// The expected texts are those of kustomize v5.8.1.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(print_as_written(&read_one("text.yaml", text).unwrap(), text), expected);
    }

    #[test]
    fn styles_and_order_stay() {
        check(
            "b: 'x'\na:\n    - \"y\"\n    -   - 1\n        - k: v\n          w: ''\nc: {d: [1,2], e:  \"f\"}\n",
            "b: 'x'\na:\n- \"y\"\n- - 1\n  - k: v\n    w: ''\nc: {d: [1, 2], e: \"f\"}\n",
        );
        check(
            "a: |\n  x\n\n  y\nb: >-\n  one\n  two\n\n  three\nc: 0x1F\nd:\ne: ~\n",
            "a: |\n  x\n\n  y\nb: >-\n  one two\n\n  three\nc: 0x1F\nd:\ne: ~\n",
        );
    }

    #[test]
    fn comments_stay_and_blank_lines_go() {
        check(
            "# top\n\n# of a\na: 1   # one\n\nb:\n    # of c\n    c: \"#\" # two\n\n# foot\n",
            "# top\n\n# of a\na: 1 # one\nb:\n  # of c\n  c: \"#\" # two\n# foot\n",
        );
    }
}
