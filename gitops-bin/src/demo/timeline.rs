//! The story as people read it: a heading a chapter, a line an event.

use crate::driver::{Driver, Outside};
use crate::view::EventView;

const TIME: anstyle::Style = anstyle::Style::new().dimmed();
const HEADING: anstyle::Style = anstyle::AnsiColor::Cyan.on_default().bold();
const WARNING: anstyle::Style = anstyle::AnsiColor::Yellow.on_default();
const REASON: anstyle::Style = anstyle::Style::new().bold();
const DONE: anstyle::Style = anstyle::AnsiColor::Green.on_default();

/// Prints what happens.
pub(super) struct Timeline {
    print: Box<dyn Fn(&str)>,
    seen: u64,
}

impl Timeline {
    /// A timeline that prints with `print`.
    pub(super) fn new(print: Box<dyn Fn(&str)>) -> Self {
        Self { print, seen: 0 }
    }

    /// Begins a chapter.
    pub(super) fn chapter(&self, title: &str) {
        (self.print)(&format!("\n{HEADING}{title}{HEADING:#}\n"));
    }

    /// Shows a text of the engine, indented.
    pub(super) fn show(&self, text: &str) {
        for line in text.lines() {
            (self.print)(&format!("          {line}\n"));
        }
    }

    /// Says that an expected state was reached.
    pub(super) fn reached(&self, what: &str) {
        (self.print)(&format!("          {DONE}✔ {what}{DONE:#}\n"));
    }

    /// Prints the events that came since the last call.
    pub(super) fn events<O: Outside>(&mut self, driver: &Driver<O>) {
        for event in driver.events_after(self.seen) {
            self.seen = event.sequence;
            (self.print)(&line(&event));
        }
    }
}

fn line(event: &EventView) -> String {
    let time = event.time.get(11..19).unwrap_or(&event.time);
    let style = if event.event_type == "Warning" { WARNING } else { anstyle::Style::new() };
    let object = event.object.rsplit(' ').next().unwrap_or(&event.object);
    let kind = event.object.split(['.', ' ']).next().unwrap_or_default();
    let name = object.strip_prefix("argocd/").unwrap_or(object);
    let (reason, message) = (&event.reason, &event.message);
    format!("{TIME}{time}{TIME:#}  {kind} {name}  {REASON}{reason}{REASON:#}  {style}{message}{style:#}\n")
}
