//! Writing to the terminal: data, failures with their snippet, colours.
//!
//! Text from manifests and repositories never reaches the terminal with its control characters.

use std::fmt::Write as _;
use std::io::Write as _;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use gitops_core::diagnostic::{Diagnostic, Location, mask_credentials};

use super::Color;
use super::failure::Failure;
use super::source_line::SourceLine;
use crate::text::printable;

/// The most bytes of a message: a hostile file must not flood the terminal.
pub(super) const MOST_MESSAGE: usize = 1_000;
/// The most bytes of a path, a hint or a warning.
pub(super) const MOST_LINE: usize = 300;
/// The most bytes of all failures of one command together.
const MOST_TEXT: usize = 3_900;
/// The most lines of an error of the command line.
const MOST_USAGE_LINES: usize = 40;
/// The most characters of a source line.
const LINE_WINDOW: usize = 120;
/// The most warnings of one build.
const MOST_WARNINGS: usize = 10;

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
    write(anstream::stdout(), text)
}

/// Writes manifests to standard output, as they are.
pub(super) fn print_manifests(text: &str) -> Result<(), Failure> {
    write(std::io::stdout().lock(), text)
}

fn write(mut output: impl std::io::Write, text: &str) -> Result<(), Failure> {
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::outside(format!("cannot write to standard output: {error}")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Prints what is wrong with a command line, or the help that it asks for.
pub(super) fn print_usage(error: &clap::Error) -> Result<(), Failure> {
    if !error.use_stderr() {
        return print(&error.render().ansi().to_string());
    }
    // The words of the command line are in it.
    let text = error.render().ansi().to_string();
    for line in text.lines().take(MOST_USAGE_LINES) {
        note(&usage_line(line));
    }
    Ok(())
}

/// A line of a usage error, whose colours stay where there are no other control characters.
fn usage_line(line: &str) -> String {
    let plain = anstream::adapter::strip_str(line).to_string();
    if plain.len() <= MOST_LINE && printable(&plain) == plain {
        line.to_owned()
    } else {
        sentence(&plain, MOST_LINE)
    }
}

/// Writes a line to standard error.
pub(crate) fn note(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// Prints a failure to standard error: the sentence, the place, the line, and what to do; and what else is wrong,
/// as far as there is room.
pub(crate) fn print_failure(failure: &Failure) {
    note(&render_all(failure));
}

/// Prints a failure to standard error as one JSON object.
pub(crate) fn print_failure_as_json(failure: &Failure) {
    let diagnostic = |failure: &Failure| {
        let place = failure.at.as_ref().map(|at| {
            serde_json::json!({ "path": sentence(&at.path, MOST_LINE), "line": at.line, "column": at.column })
        });
        serde_json::json!({
            "severity": "error",
            "message": sentence(&failure.message, MOST_MESSAGE),
            "location": place,
            "hint": failure.hint.as_deref().map(|hint| sentence(hint, MOST_LINE)),
        })
    };
    let all = std::iter::once(failure).chain(&failure.further);
    let report = serde_json::json!({
        "apiVersion": crate::view::API_VERSION,
        "kind": "Error",
        "diagnostics": all.map(diagnostic).collect::<Vec<_>>(),
    });
    note(&report.to_string());
}

fn render_all(failure: &Failure) -> String {
    let mut text = render_failure(failure, Level::ERROR);
    for (at, further) in failure.further.iter().enumerate() {
        let next = render_failure(further, Level::ERROR.with_name("also"));
        if text.len() + next.len() > MOST_TEXT {
            let left = failure.further.len() - at;
            let _ = write!(text, "\nalso: {left} more that are not shown; mend these first");
            break;
        }
        text.push('\n');
        text.push_str(&next);
    }
    text
}

fn render_failure(failure: &Failure, level: Level<'static>) -> String {
    render(&Told {
        level,
        code: "",
        message: &failure.message,
        at: failure.at.as_ref(),
        line: &failure.line,
        hint: failure.hint.as_deref(),
    })
}

/// What is told at one place.
pub(super) struct Told<'t> {
    /// How much it weighs.
    pub(super) level: Level<'static>,
    /// Its code; empty where it has none.
    pub(super) code: &'t str,
    /// What is wrong.
    pub(super) message: &'t str,
    /// Where.
    pub(super) at: Option<&'t Location>,
    /// The line that stands there.
    pub(super) line: &'t SourceLine,
    /// What to do.
    pub(super) hint: Option<&'t str>,
}

/// The text of what is told: the sentence, the place, the line, and what to do.
pub(super) fn render(told: &Told<'_>) -> String {
    let message = sentence(told.message, MOST_MESSAGE);
    let hint = told.hint.map(|hint| sentence(hint, MOST_LINE));
    let mut title = told.level.clone().primary_title(message.as_str());
    if !told.code.is_empty() {
        title = title.id(told.code);
    }
    let mut group = Group::with_title(title);
    let path = told.at.map(|at| sentence(&at.path, MOST_LINE)).unwrap_or_default();
    let excerpt = told.at.and_then(|at| Excerpt::of(told.line, at));
    group = match (told.at, &excerpt) {
        (Some(at), Some(excerpt)) => group.element(
            Snippet::source(excerpt.text.as_str())
                .line_start(number(at.line))
                .path(path.as_str())
                .annotation(AnnotationKind::Primary.span(excerpt.span.clone())),
        ),
        (Some(at), None) => group.element(origin(&path, at)),
        (None, _) => group,
    };
    if *told.line == SourceLine::Hidden {
        group = group.element(Level::NOTE.message("the line is not shown: the file holds a Secret"));
    }
    if let Some(hint) = &hint {
        group = group.element(Level::HELP.message(hint.as_str()));
    }
    Renderer::styled().render(&[group])
}

fn origin<'p>(path: &'p str, at: &Location) -> Origin<'p> {
    let origin = Origin::path(path);
    match (at.line, at.column) {
        (0, _) => origin,
        (line, 0) => origin.line(number(line)),
        (line, column) => origin.line(number(line)).char_column(number(column)),
    }
}

fn number(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// A window of a line around the word that a failure is about.
struct Excerpt {
    text: String,
    /// The bytes of the word.
    span: std::ops::Range<usize>,
}

impl Excerpt {
    fn of(line: &SourceLine, at: &Location) -> Option<Self> {
        let (line, begin) = match line {
            SourceLine::Text(text) => (text, 1),
            SourceLine::Part(part) => (&part.text, part.column),
            SourceLine::Absent | SourceLine::Hidden => return None,
        };
        let line = printable(&mask_credentials(line).replace(['\n', '\t'], " "));
        let column = number(at.column.saturating_sub(begin));
        // The whole line where it is short, so that the column which is printed is the one in the file.
        let first = if column < LINE_WINDOW { 0 } else { column - LINE_WINDOW / 2 };
        let text: String = line.chars().skip(first).take(LINE_WINDOW).collect();
        let start = text.char_indices().nth(column - first).map_or(text.len(), |(at, _)| at);
        let rest = text.get(start..)?;
        let word = rest.find([' ', ',', ']', '}']).unwrap_or(rest.len());
        let span = start..start + word;
        Some(Self { text, span })
    }
}

/// One line of text without control characters and without credentials, and no longer than `most` bytes.
pub(super) fn sentence(text: &str, most: usize) -> String {
    // Masked before it is cut, so that a cut cannot part a credential from what marks it.
    let text = mask_credentials(text);
    let line = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let line = printable(&line);
    if line.len() <= most {
        return line;
    }
    let cut = line.char_indices().map(|(at, _)| at).take_while(|at| *at <= most).last().unwrap_or_default();
    format!("{}…", line.get(..cut).unwrap_or_default())
}

/// Prints findings that did not stop the work: the first ones, and how many more there are.
pub(crate) fn print_warnings(warnings: &[Diagnostic]) {
    for warning in warnings.iter().take(MOST_WARNINGS) {
        note(&sentence(&format!("warning: {warning}"), MOST_LINE));
    }
    if let Some(more) = warnings.len().checked_sub(MOST_WARNINGS).filter(|more| *more > 0) {
        note(&format!("warning: and {more} more"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(failure: &Failure) -> String {
        anstream::adapter::strip_str(&render_all(failure)).to_string()
    }

    #[test]
    fn a_failure_shows_its_line() {
        let at = Location::new("a/b.yaml", 7, 4);
        let failure = Failure::usage("`x` is wrong").at(at, SourceLine::Text("a: x, b".to_owned()));
        let expected = "error: `x` is wrong\n --> a/b.yaml:7:4\n  |\n7 | a: x, b\n  |    ^";
        assert_eq!(plain(&failure), expected);
    }

    #[test]
    fn a_failure_is_short_whatever_is_in_it() {
        let long = "\u{1b}[31m漢\n".repeat(100_000);
        let at = Location::new(long.clone(), u32::MAX, 50_000);
        let failure = Failure::usage(&long).hint(Some(&long)).at(at, SourceLine::Text(long.clone()));
        let failure = failure.clone().and(vec![failure; 30]);
        let text = render_all(&failure);
        assert!(text.len() < 4096, "{} bytes", text.len());
        assert!(!plain(&failure).contains(|c: char| c.is_control() && c != '\n'));
        assert_eq!(plain(&failure).lines().filter(|line| line.contains("error:")).count(), 1);
    }

    #[test]
    fn a_hidden_line_leaves_its_place() {
        let failure = Failure::usage("no").at(Location::new("a.yaml", 2, 3), SourceLine::Hidden);
        assert!(plain(&failure).contains("--> a.yaml:2:3"), "{}", plain(&failure));
    }
}
