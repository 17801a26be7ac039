//! `gitops affected`: what a change of the repository touches.

use std::path::PathBuf;

use clap::ValueEnum;

use super::build::Place;
use super::format::{Format, FormatArgument, print_value};
use super::progress::Progress;
use super::revision::LocalRepository;
use super::table::Table;
use super::{Exit, Failure, output};
use crate::affected::{self, Question};
use crate::range::Range;
use crate::text::printable;
use crate::view::{AffectedView, ChangeView};

/// List the kustomizations and Applications whose render reads a file that a range of commits changes
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Both revisions are read from Git's object database; there is no checkout. A kustomization counts when it \
reads a changed file, or looked for one in vain that is there now; an Application also when its manifest changed. \
ApplicationSets are not expanded, and what an Application takes from elsewhere does not count.\n\n\
Exit codes: 0 done; 1 with --exit-code, when something is affected; 2 the range or the input is wrong.\n\n\
Examples:\n  gitops affected main..HEAD\n  gitops affected main...HEAD --rendered\n  gitops affected HEAD~1 -o name            # one path a line, for CI\n  gitops affected main...HEAD --kind application -o json"
)]
pub(super) struct Arguments {
    /// `BASE..HEAD`; `BASE...HEAD` compares with the commit where the two parted; `BASE` alone compares with HEAD
    #[arg(value_name = "BASE..HEAD")]
    range: String,
    /// Look at kustomizations in and below this directory
    #[arg(default_value = ".", value_name = "DIR")]
    directory: PathBuf,
    /// Leave out what renders the same at both revisions
    #[arg(long)]
    rendered: bool,
    /// Show one kind only; `-o name` shows kustomizations unless this says otherwise
    #[arg(long, value_name = "KIND")]
    kind: Option<Kind>,
    /// Exit with 1 when something is affected
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    output: FormatArgument,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Kustomizations that no other one includes
    Kustomization,
    /// Argo CD's Applications
    Application,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let place = Place::of(&arguments.directory)?;
    let sign = Progress::start(format!("comparing {}", arguments.range));
    let repository = LocalRepository::open(&place.root)?;
    let range = Range::parse(&arguments.range);
    let (base, head) = repository.range(&range)?;
    let question = Question {
        base: repository.at(base),
        head: repository.at(head),
        start: place.path,
        rendered: arguments.rendered,
    };
    let view = affected::affected(question).map_err(|error| Failure::outside(error.to_string()))?;
    drop(sign);
    let view = only(view, arguments.kind);
    match arguments.output.format {
        Format::Table => output::print(&table(&view).render())?,
        Format::Name => output::print(&lines(&view, arguments.kind))?,
        format @ (Format::Json | Format::Yaml) => print_value(format, &view)?,
    }
    let is_touched = !view.kustomizations.is_empty() || !view.applications.is_empty();
    Ok(if arguments.exit_code && is_touched { Exit::Finding } else { Exit::Success })
}

fn only(mut view: AffectedView, kind: Option<Kind>) -> AffectedView {
    match kind {
        Some(Kind::Kustomization) => view.applications.clear(),
        Some(Kind::Application) => view.kustomizations.clear(),
        None => {}
    }
    view
}

/// One path a line, or one Application as the other verbs name it.
fn lines(view: &AffectedView, kind: Option<Kind>) -> String {
    let lines: Vec<String> = match kind {
        Some(Kind::Kustomization) | None => {
            view.kustomizations.iter().map(|one| printable(&one.path) + "\n").collect()
        }
        Some(Kind::Application) => {
            let name = |name: &str| format!("application.argoproj.io/{}\n", printable(name));
            view.applications.iter().map(|one| name(&one.name)).collect()
        }
    };
    lines.concat()
}

fn table(view: &AffectedView) -> Table {
    let mut table = Table::new(&["KIND", "NAME", "CHANGE", "BECAUSE OF"]);
    for one in &view.kustomizations {
        let because = because(&one.files, one.error.as_deref());
        table.row(["Kustomization".to_owned(), printable(&one.path), word(one.change), because]);
    }
    for one in &view.applications {
        let name = if one.namespace.is_empty() {
            one.name.clone()
        } else {
            format!("{}/{}", one.namespace, one.name)
        };
        let because = because(&one.files, one.error.as_deref());
        table.row(["Application".to_owned(), printable(&name), word(one.change), because]);
    }
    table
}

fn word(change: ChangeView) -> String {
    match change {
        ChangeView::Added => "added",
        ChangeView::Removed => "removed",
        ChangeView::Modified => "modified",
        ChangeView::Broken => "broken",
        ChangeView::Mended => "mended",
    }
    .to_owned()
}

/// The error where there is one; else the first file and how many more there are.
fn because(files: &[String], error: Option<&str>) -> String {
    let text = match (error, files) {
        (Some(error), _) => error.lines().next().unwrap_or_default().to_owned(),
        (None, []) => String::new(),
        (None, [file]) => file.clone(),
        (None, [first, rest @ ..]) => format!("{first} and {} more", rest.len()),
    };
    printable(&text)
}
