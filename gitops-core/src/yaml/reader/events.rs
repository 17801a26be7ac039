//! The slow path: everything YAML has, by the events of saphyr-parser.

use saphyr_parser::{Event, Parser, ScalarStyle};
use smol_str::SmolStr;

use super::builder::Builder;
use super::limits::Limits;
use super::source::PlacesFrom;
use super::{Fault, Faulty, scalars};
use crate::yaml::node::Node;
use crate::yaml::resolve::Dialect;
use crate::yaml::scalar::Scalar;

/// How documents are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    pub(super) dialect: Dialect,
    pub(super) limits: Limits,
    /// Stop after the first document.
    pub(super) first_only: bool,
}

/// How deep the parser follows brackets, which is less than what is ordinary YAML may have.
const PARSER_DEPTH: usize = 255;

/// The roots of the documents of `text`.
pub(super) fn read(text: &str, places: PlacesFrom<'_>, options: Options) -> Result<Vec<Node>, Faulty> {
    if let Some(offset) = long_flow(text, options.limits.flow_bytes) {
        return Err(Faulty { fault: Fault::LongFlow(options.limits.flow_bytes), offset });
    }
    let mut offsets = Offsets::new(text);
    let mut roots = vec![];
    let mut builder = Builder::new(options.dialect, options.limits);
    for event in Parser::new_from_str(text) {
        let (event, span) = match event {
            Ok(event) => event,
            // Go-yaml stops at the end of the root node, and does not see what follows it.
            Err(_) if options.first_only && builder.is_complete() => {
                roots.push(builder.finish());
                break;
            }
            Err(error) => {
                let offset = offsets.of(error.marker().index());
                let fault = match error.info() {
                    "recursion limit exceeded" => Fault::TooDeep(PARSER_DEPTH),
                    info => Fault::Syntax(info.to_owned()),
                };
                return Err(Faulty { fault, offset });
            }
        };
        let offset = offsets.of(span.start.index());
        if matches!(event, Event::DocumentEnd) {
            let done = std::mem::replace(&mut builder, Builder::new(options.dialect, options.limits));
            roots.push(done.finish());
            if options.first_only {
                break;
            }
            if roots.len() > options.limits.documents {
                return Err(Faulty { fault: Fault::TooManyDocuments(options.limits.documents), offset });
            }
            continue;
        }
        let end = offsets.of(span.end.index());
        let here = Here { text, offset, end, dialect: options.dialect };
        add(&mut builder, event, &here, places).map_err(|fault| Faulty { fault, offset })?;
    }
    Ok(roots)
}

/// Where brackets open that do not close within `most` bytes. The parser keeps all that is in them, because what
/// follows may make it a key. Quotes and comments are not looked at.
fn long_flow(text: &str, most: usize) -> Option<usize> {
    let (mut depth, mut start) = (0_usize, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' | b'{' => {
                if depth == 0 {
                    start = at;
                }
                depth += 1;
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > 0 && at - start > most {
            return Some(start);
        }
    }
    None
}

/// What is known of an event besides itself.
struct Here<'a> {
    text: &'a str,
    offset: usize,
    end: usize,
    dialect: Dialect,
}

impl Here<'_> {
    /// Whether one of `first` stands here, after a tag and an anchor.
    fn starts_with(&self, first: [char; 2]) -> bool {
        let mut text = self.text.get(self.offset..).unwrap_or_default();
        while text.starts_with(['!', '&']) {
            text = text.trim_start_matches(|byte: char| !byte.is_whitespace()).trim_start();
        }
        text.starts_with(first)
    }

    /// Where the header of the block scalar is whose content starts here; an empty one may start there itself.
    fn header(&self) -> usize {
        if self.end <= self.offset + 1 && self.starts_with(['|', '>']) {
            return self.offset;
        }
        let before = self.text.get(..self.offset).unwrap_or_default().trim_end();
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let header = before.get(line..).unwrap_or_default();
        let header = header.split(" #").next().unwrap_or_default();
        header.rfind(['|', '>']).map_or(self.offset, |at| line + at)
    }

    /// Whether the header of the block scalar says how far its content is indented.
    fn gives_indentation(&self) -> bool {
        let header = self.text.get(self.header()..).unwrap_or_default();
        header
            .bytes()
            .skip(1)
            .take_while(|byte| !byte.is_ascii_whitespace())
            .any(|byte| byte.is_ascii_digit())
    }

    /// Where the first dash of the sequence is that starts here: the events of a sequence that is not indented
    /// start at its first item.
    fn dash(&self) -> usize {
        let before = self.text.get(..self.offset).unwrap_or_default().trim_end();
        if self.starts_with(['[', '-']) || !before.ends_with('-') { self.offset } else { before.len() - 1 }
    }

    /// JSON's `\/` is no escape in YAML 1.1.
    fn has_slash_escape(&self) -> bool {
        let mut bytes = self.text.get(self.offset..self.end).unwrap_or_default().bytes();
        while let Some(byte) = bytes.next() {
            if byte == b'\\' && bytes.next() == Some(b'/') {
                return true;
            }
        }
        false
    }

    /// Whether the text ends, without a line break, in the last line of this block scalar.
    fn cuts_off(&self, content: &str) -> bool {
        if self.end < self.text.len() {
            return false;
        }
        let last_line = self.text.rsplit('\n').next().unwrap_or_default();
        let content = content.strip_suffix('\n').and_then(|content| content.rsplit('\n').next());
        content.is_some_and(|content| !content.is_empty() && last_line.ends_with(content))
    }
}

fn add(
    builder: &mut Builder,
    event: Event<'_>,
    here: &Here<'_>,
    places: PlacesFrom<'_>,
) -> Result<(), Fault> {
    let at = match event {
        Event::Scalar(_, ScalarStyle::Literal | ScalarStyle::Folded, ..) => here.header(),
        Event::SequenceStart(..) => here.dash(),
        Event::Scalar(..)
        | Event::MappingStart(..)
        | Event::SequenceEnd
        | Event::MappingEnd
        | Event::Alias(_)
        | Event::DocumentStart(_)
        | Event::DocumentEnd
        | Event::Nothing
        | Event::StreamStart
        | Event::StreamEnd => here.offset,
    };
    let origin = places.origin(at);
    let bracket = || here.starts_with(['[', '{']);
    match event {
        Event::Scalar(content, style, anchor, tag) => {
            let tag = tag.map(|tag| format!("{}{}", tag.handle, tag.suffix));
            let scalar = scalar(&content, style, tag.as_deref(), here, builder.in_flow())?;
            let scalar = if style == ScalarStyle::Folded { scalar.folded() } else { scalar };
            builder.scalar(scalar, origin, anchor)
        }
        Event::SequenceStart(anchor, _) => builder.open_sequence(origin, anchor, bracket()),
        Event::MappingStart(anchor, _) => builder.open_mapping(origin, anchor, bracket()),
        Event::SequenceEnd | Event::MappingEnd => builder.close(),
        Event::Alias(anchor) => builder.alias(anchor),
        Event::DocumentStart(_)
        | Event::DocumentEnd
        | Event::Nothing
        | Event::StreamStart
        | Event::StreamEnd => Ok(()),
    }
}

fn scalar(
    content: &str,
    style: ScalarStyle,
    tag: Option<&str>,
    here: &Here<'_>,
    flow: bool,
) -> Result<Scalar, Fault> {
    let content = match style {
        ScalarStyle::DoubleQuoted if here.has_slash_escape() => {
            return Err(Fault::Syntax("found unknown escape character `\\/`".to_owned()));
        }
        // Go-yaml does not let the first line start with a tab, where that must tell the indentation.
        ScalarStyle::Literal | ScalarStyle::Folded
            if content.trim_start_matches('\n').starts_with('\t') && !here.gives_indentation() =>
        {
            return Err(Fault::Syntax(
                "found a tab character where an indentation space is expected".to_owned(),
            ));
        }
        ScalarStyle::Literal | ScalarStyle::Folded if here.cuts_off(content) => {
            content.strip_suffix('\n').unwrap_or(content)
        }
        ScalarStyle::Plain
        | ScalarStyle::SingleQuoted
        | ScalarStyle::DoubleQuoted
        | ScalarStyle::Literal
        | ScalarStyle::Folded => content,
    };
    let content = SmolStr::new(content);
    match (tag.filter(|tag| *tag != "!"), style) {
        (Some(tag), _) => scalars::tagged(content, tag, here.dialect),
        (None, ScalarStyle::Plain) => scalars::plain(content, here.dialect, flow),
        (
            None,
            ScalarStyle::SingleQuoted
            | ScalarStyle::DoubleQuoted
            | ScalarStyle::Literal
            | ScalarStyle::Folded,
        ) => Ok(Scalar::quoted(content)),
    }
}

/// Byte offsets of characters, which are mostly asked for in order.
struct Offsets<'a> {
    text: &'a str,
    ascii: bool,
    index: usize,
    offset: usize,
}

impl<'a> Offsets<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, ascii: text.is_ascii(), index: 0, offset: 0 }
    }

    /// The byte offset of the character `index`.
    fn of(&mut self, index: usize) -> usize {
        if self.ascii {
            return index.min(self.text.len());
        }
        let bytes = self.text.as_bytes();
        let starts = |at: usize| bytes.get(at).is_none_or(|byte| byte & 0xc0 != 0x80);
        while self.index < index && self.offset < bytes.len() {
            self.offset += 1;
            while !starts(self.offset) {
                self.offset += 1;
            }
            self.index += 1;
        }
        while self.index > index && self.offset > 0 {
            self.offset -= 1;
            while !starts(self.offset) {
                self.offset -= 1;
            }
            self.index -= 1;
        }
        self.offset
    }
}
