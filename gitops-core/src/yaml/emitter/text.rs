//! Strings: which style each takes, and how it is folded and escaped.

use std::borrow::Cow;

use super::sink::{Indicator, Sink};
use crate::yaml::resolve::needs_quotes;

/// A line is broken at the first single space past this column.
const WIDTH: usize = 80;

/// Why a string cannot be printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextFault {
    /// A character that YAML does not allow and JSON does not escape.
    Character(char),
    /// A key that is longer than go-yaml looks ahead, or has a line break that JSON does not escape.
    Key,
}

/// How a string is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
}

/// What go-yaml's printer looks for in a string.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts that one pass over the text collects")]
struct Traits {
    line_breaks: bool,
    newline: bool,
    indicators: bool,
    outer_blank: bool,
    trailing_space: bool,
    break_space: bool,
    space_break: bool,
    special: bool,
    next_line: bool,
    forbidden: Option<char>,
}

/// Writes `text` as a value, with `indent` for the lines after the first.
pub(super) fn write_value(sink: &mut Sink, text: &str, indent: usize) -> Result<(), TextFault> {
    let mut text = Cow::Borrowed(text);
    let mut traits = traits(&text);
    if traits.next_line {
        text = fold_next_lines(&text).into();
        traits = self::traits(&text);
    }
    check(&traits)?;
    write(sink, &text, traits, Some(indent));
    Ok(())
}

/// Writes `text` as a mapping key and its colon. A long or multi-line key takes the explicit form; then the
/// value must start as if on a line of its own.
pub(super) fn write_key(sink: &mut Sink, text: &str, indent: usize) -> Result<(), TextFault> {
    let traits = traits(text);
    check(&traits)?;
    if traits.next_line || text.len() > MAX_KEY / 6 && json_length(text) > MAX_KEY {
        return Err(TextFault::Key);
    }
    if text.len() <= 128 && !traits.line_breaks {
        write(sink, text, traits, None);
        sink.indicator(":", Indicator::Tight);
    } else {
        sink.indicator("?", Indicator::Block);
        write(sink, text, traits, Some(indent + 2));
        sink.indent(indent);
        sink.indicator(":", Indicator::Block);
    }
    Ok(())
}

/// The longest key, in characters of its JSON form without the quotes, that go-yaml v2 reads back.
const MAX_KEY: usize = 1022;

fn json_length(text: &str) -> usize {
    text.chars()
        .map(|character| match character {
            '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => 6,
            _ => 1,
        })
        .sum()
}

fn check(traits: &Traits) -> Result<(), TextFault> {
    traits.forbidden.map_or(Ok(()), |character| Err(TextFault::Character(character)))
}

/// JSON leaves U+0085 as it is, and go-yaml v2 then folds the string there: spaces around it go, one break
/// becomes a space, more become one newline less.
fn fold_next_lines(text: &str) -> String {
    let mut lines = text.split('\u{85}').peekable();
    let mut out = lines.next().unwrap_or_default().trim_end_matches(' ').to_owned();
    let mut breaks = 0;
    while let Some(line) = lines.next() {
        let line = line.trim_start_matches(' ');
        let line = if lines.peek().is_some() { line.trim_end_matches(' ') } else { line };
        breaks += 1;
        if line.is_empty() && lines.peek().is_some() {
            continue;
        }
        match breaks {
            1 => out.push(' '),
            more => out.extend(std::iter::repeat_n('\n', more - 1)),
        }
        out.push_str(line);
        breaks = 0;
    }
    out
}

fn write(sink: &mut Sink, text: &str, traits: Traits, indent: Option<usize>) {
    match style(text, traits, indent.is_none()) {
        Style::Plain => {
            sink.space();
            write_plain(sink, text, indent);
        }
        Style::SingleQuoted => write_single_quoted(sink, text, indent),
        Style::DoubleQuoted => write_double_quoted(sink, text, indent),
        Style::Literal => write_literal(sink, text, indent.unwrap_or_default()),
    }
}

fn style(text: &str, traits: Traits, simple_key: bool) -> Style {
    let unsafe_break = traits.space_break || traits.special;
    if traits.newline {
        let block = !traits.trailing_space && !unsafe_break && !simple_key;
        return if block { Style::Literal } else { Style::DoubleQuoted };
    }
    if needs_quotes(text) {
        return Style::DoubleQuoted;
    }
    let plain = !(traits.outer_blank || traits.line_breaks || traits.indicators);
    if plain && !traits.break_space && !unsafe_break {
        Style::Plain
    } else if traits.break_space || unsafe_break {
        Style::DoubleQuoted
    } else {
        Style::SingleQuoted
    }
}

/// Whether a text can stand without quotes, its type aside.
pub(super) fn can_be_plain(text: &str) -> bool {
    let traits = traits(text);
    let plain = !(traits.outer_blank || traits.line_breaks || traits.indicators);
    plain && can_be_single_quoted(text)
}

/// Whether a text can stand in single quotes.
pub(super) fn can_be_single_quoted(text: &str) -> bool {
    let traits = traits(text);
    !(traits.break_space || traits.space_break || traits.special || traits.next_line)
}

fn write_plain(sink: &mut Sink, text: &str, indent: Option<usize>) {
    let Some(indent) = indent.filter(|_| sink.column() + text.len() > WIDTH) else {
        sink.text(text);
        return;
    };
    let mut words = text.split(' ');
    sink.text(words.next().unwrap_or_default());
    let mut after_space = false;
    for word in words {
        // An empty word is a second space: runs of spaces are never broken.
        if !after_space && !word.is_empty() && sink.column() > WIDTH {
            sink.indent(indent);
        } else {
            sink.text(" ");
        }
        sink.text(word);
        after_space = word.is_empty();
    }
}

pub(super) fn write_single_quoted(sink: &mut Sink, text: &str, indent: Option<usize>) {
    sink.indicator("'", Indicator::Spaced);
    let mut characters = text.chars().peekable();
    let (mut first, mut after_space, mut after_break) = (true, false, false);
    while let Some(character) = characters.next() {
        if character == ' ' {
            let next = characters.peek();
            let fold = !first && !after_space && next.is_some_and(|next| *next != ' ');
            match indent {
                Some(indent) if fold && sink.column() > WIDTH => sink.indent(indent),
                Some(_) | None => sink.character(' '),
            }
            after_space = true;
        } else if is_break(character) {
            sink.character(character);
            after_break = true;
        } else {
            if after_break {
                sink.indent(indent.unwrap_or_default());
            }
            if character == '\'' {
                sink.character('\'');
            }
            sink.character(character);
            sink.content();
            (after_space, after_break) = (false, false);
        }
        first = false;
    }
    sink.indicator("'", Indicator::Tight);
    sink.content();
}

pub(super) fn write_double_quoted(sink: &mut Sink, text: &str, indent: Option<usize>) {
    sink.indicator("\"", Indicator::Spaced);
    // A text that begins with a byte order mark is escaped throughout.
    let escape_all = text.starts_with('\u{feff}');
    let mut characters = text.chars().peekable();
    let (mut first, mut after_space) = (true, false);
    while let Some(character) = characters.next() {
        let next = characters.peek();
        if escape_all || must_escape(character) {
            write_escape(sink, character);
            after_space = false;
        } else if character == ' ' {
            match indent {
                Some(indent) if !first && !after_space && next.is_some() && sink.column() > WIDTH => {
                    sink.indent(indent);
                    if next == Some(&' ') {
                        sink.character('\\');
                    }
                }
                Some(_) | None => sink.character(' '),
            }
            after_space = true;
        } else {
            sink.character(character);
            after_space = false;
        }
        first = false;
    }
    sink.indicator("\"", Indicator::Tight);
    sink.content();
}

fn must_escape(character: char) -> bool {
    matches!(character, '"' | '\\' | '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}')
        || matches!(character, '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{10000}'..)
}

fn write_escape(sink: &mut Sink, character: char) {
    let short = match character {
        '\0' => "\\0",
        '\u{7}' => "\\a",
        '\u{8}' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\u{b}' => "\\v",
        '\u{c}' => "\\f",
        '\r' => "\\r",
        '\u{1b}' => "\\e",
        '"' => "\\\"",
        '\\' => "\\\\",
        '\u{85}' => "\\N",
        '\u{a0}' => "\\_",
        '\u{2028}' => "\\L",
        '\u{2029}' => "\\P",
        _ => "",
    };
    if !short.is_empty() {
        sink.text(short);
        return;
    }
    let code = u32::from(character);
    sink.text(&match code {
        0..=0xff => smol_str::format_smolstr!("\\x{code:02X}"),
        0x100..=0xffff => smol_str::format_smolstr!("\\u{code:04X}"),
        _ => smol_str::format_smolstr!("\\U{code:08X}"),
    });
}

pub(super) fn write_literal(sink: &mut Sink, text: &str, indent: usize) {
    sink.indicator("|", Indicator::Spaced);
    if text.starts_with([' ', '\n', '\u{2028}', '\u{2029}']) {
        sink.indicator("2", Indicator::Tight);
    }
    let mut from_end = text.chars().rev();
    let (last, before) = (from_end.next().is_some_and(is_break), from_end.next());
    match (last, before) {
        (false, _) => sink.indicator("-", Indicator::Tight),
        (true, None) => sink.indicator("+", Indicator::Tight),
        (true, Some(before)) if is_break(before) => sink.indicator("+", Indicator::Tight),
        (true, Some(_)) => {}
    }
    sink.line_break();
    if text.is_ascii() || !text.contains(['\u{2028}', '\u{2029}']) {
        for line in text.split_inclusive('\n') {
            write_line(sink, line.strip_suffix('\n').unwrap_or(line), indent);
            if line.ends_with('\n') {
                sink.line_break();
            }
        }
        return;
    }
    for line in text.split_inclusive(is_break) {
        let content = line.trim_end_matches(is_break);
        write_line(sink, content, indent);
        match line.get(content.len()..).and_then(|end| end.chars().next()) {
            Some('\n') => sink.line_break(),
            Some(other) => sink.character(other),
            None => {}
        }
    }
}

fn write_line(sink: &mut Sink, content: &str, indent: usize) {
    if !content.is_empty() {
        sink.indent(indent);
        sink.text(content);
    }
}

/// A line break that can stand in a literal block or single quotes (`\r` and U+0085 cannot).
fn is_break(character: char) -> bool {
    matches!(character, '\n' | '\u{2028}' | '\u{2029}')
}

fn traits(text: &str) -> Traits {
    let mut traits = Traits::default();
    let bytes = text.as_bytes();
    leading(bytes, &mut traits);
    let mut before = Before::Other;
    let mut rest = bytes;
    loop {
        let ordinary =
            rest.iter().take_while(|byte| matches!(byte, 0x21..=0x7e if !b":#".contains(byte))).count();
        if ordinary > 0 {
            before = Before::Other;
            rest = rest.get(ordinary..).unwrap_or_default();
        }
        let [byte, after @ ..] = rest else { break };
        let mut now = Before::Other;
        match byte {
            b' ' => now = Before::Space,
            b'\n' => {
                traits.newline = true;
                now = Before::Break;
            }
            b':' => traits.indicators |= matches!(after, [] | [b' ' | b'\t', ..]),
            b'#' => traits.indicators |= before != Before::Other,
            0x21..=0x7e => {}
            _ => now = unusual(*byte, after, &mut traits),
        }
        // A line break of three bytes is looked at as one.
        let after =
            if *byte >= 0x80 && now == Before::Break { after.get(2..).unwrap_or_default() } else { after };
        if now != Before::Other {
            let outer = rest.len() == bytes.len() || after.is_empty();
            traits.outer_blank |= outer && now != Before::Blank;
            traits.trailing_space |= after.is_empty() && now == Before::Space;
            traits.line_breaks |= now == Before::Break;
            traits.space_break |= before == Before::Space && now == Before::Break;
            traits.break_space |= before == Before::Break && now == Before::Space;
        }
        before = now;
        rest = after;
    }
    traits
}

/// What stands before a byte.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Space,
    Break,
    /// A tab or NUL: white space to a `#`, content to everything else.
    Blank,
    Other,
}

/// Indicators that only count at the start.
fn leading(bytes: &[u8], traits: &mut Traits) {
    traits.indicators = match bytes {
        [b'-', b'-', b'-', ..] | [b'.', b'.', b'.', ..] => true,
        [b'?' | b':' | b'-', rest @ ..] => matches!(rest, [] | [b' ' | b'\t', ..]),
        [first, ..] => b"#,[]{}&*!|>'\"%@`".contains(first),
        [] => false,
    };
}

/// Control characters and the characters outside ASCII that are not printed as they are.
fn unusual(byte: u8, after: &[u8], traits: &mut Traits) -> Before {
    match (byte, after) {
        (b'\r', _) => {
            traits.special = true;
            return Before::Break;
        }
        (b'\t' | 0, _) => {
            traits.special = true;
            return Before::Blank;
        }
        (0..=0x1f | 0xf0.., _) | (0xef, [0xbb, 0xbf, ..]) => traits.special = true,
        (0x7f, _) => traits.forbidden = Some('\u{7f}'),
        (0xc2, [0x85, ..]) => traits.next_line = true,
        (0xc2, [low @ 0x80..=0x9f, ..]) => traits.forbidden = Some(char::from(*low)),
        (0xef, [0xbf, 0xbe, ..]) => traits.forbidden = Some('\u{fffe}'),
        (0xef, [0xbf, 0xbf, ..]) => traits.forbidden = Some('\u{ffff}'),
        (0xe2, [0x80, 0xa8 | 0xa9, ..]) => return Before::Break,
        _ => {}
    }
    Before::Other
}
