//! Writing to the terminal: data, failures with their snippet, colours.
//!
//! Text from manifests and repositories never reaches the terminal with its control characters.

use std::io::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::Color;
use super::failure::Failure;

/// The most characters of one failure: a hostile file must not flood the terminal.
const MOST_CHARACTERS: usize = 3_500;

/// Fixes for this process whether output is coloured: the flag first, then `NO_COLOR`, then the terminal.
pub(super) fn choose_color(color: Color) {
    let choice = match color {
        Color::Auto => return,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}

/// Writes data to standard output. A reader that has gone away is no failure.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    match anstream::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::outside(format!("cannot write to standard output: {error}")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes a line to standard error.
pub(crate) fn note(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// Prints a failure to standard error: the sentence, the place, the line, and what to do.
pub(crate) fn print_failure(failure: &Failure) {
    note(&render(failure));
}

fn render(failure: &Failure) -> String {
    let message = printable(&failure.message);
    let title = Level::ERROR.primary_title(message.as_str());
    let source = failure.source.as_deref().map(clipped).unwrap_or_default();
    let path = failure.at.as_ref().map(|at| printable(&at.path)).unwrap_or_default();
    let span = failure.at.as_ref().and_then(|at| span(&source, at.line, at.column));
    let hint = failure.hint.as_deref().map(printable);
    let mut group: Group<'_> = match (&failure.at, span) {
        (Some(at), Some(span)) if at.line > 0 => title.element(
            Snippet::source(source.as_str())
                .path(path.as_str())
                .annotation(AnnotationKind::Primary.span(span)),
        ),
        (Some(at), _) => {
            let place = printable(&at.to_string());
            title.element(Level::NOTE.message(format!("in {place}")))
        }
        (None, _) => Group::with_title(title),
    };
    if let Some(hint) = &hint {
        group = group.element(Level::HELP.message(hint.as_str()));
    }
    Renderer::styled().render(&[group]).chars().take(MOST_CHARACTERS).collect()
}

/// The byte range of the word at a line and column.
fn span(source: &str, line: u32, column: u32) -> Option<std::ops::Range<usize>> {
    let start_of_line: usize =
        source.split_inclusive('\n').take((line as usize).checked_sub(1)?).map(str::len).sum();
    let text = source.get(start_of_line..)?.lines().next()?;
    let start = text.char_indices().nth((column as usize).saturating_sub(1)).map_or(text.len(), |(at, _)| at);
    let rest = text.get(start..)?;
    let word = rest.find([' ', ',', ']', '}']).unwrap_or(rest.len());
    Some(start_of_line + start..start_of_line + start + word)
}

/// A file without control characters and with bounded lines, so that a snippet stays readable.
fn clipped(source: &str) -> String {
    let lines = source.split('\n').map(|line| printable(line).chars().take(200).collect::<String>());
    lines.collect::<Vec<_>>().join("\n")
}

/// Text without control characters.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}
