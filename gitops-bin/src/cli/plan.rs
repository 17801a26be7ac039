//! `gitops plan`: what a range of commits would change of what is deployed.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::build::Place;
use super::format::{Format, print_value};
use super::progress::Progress;
use super::revision::LocalRepository;
use super::{Exit, Failure, output};
use crate::plan::{self, Question};
use crate::range::Range;
use crate::text::{self, printable};
use crate::view::PlanView;

/// The most bytes of a comment: a little below what GitHub takes.
const MOST_COMMENT: usize = 65_000;

/// Show what a range of commits would change of what is deployed, with no cluster
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Every Application, and every kustomization that none deploys, is rendered at both revisions straight \
from Git's object database; there is no checkout and no login. What is shown is what Git changes: drift, defaults and \
what a cluster holds are for `gitops diff`. Projects judge as they are at BASE, since a commit cannot widen its own \
project. Helm charts, other repositories, plain directories and what an Application sets in `kustomize` are not rendered, \
and that is said; ApplicationSets are not expanded.\n\n\
Exit codes: 0 nothing changes; 1 something does; 2 the range is wrong, or something does not render at HEAD; 4 a \
project does not permit it.\n\n\
Examples:\n  gitops plan main...HEAD\n  gitops plan HEAD~1 -o markdown > comment.md\n  gitops plan main..HEAD --out plan.json && gitops approve myapp-prod --plan plan.json"
)]
pub(super) struct Arguments {
    /// `BASE..HEAD`; `BASE...HEAD` compares with the commit where the two parted; `BASE` alone compares with HEAD
    #[arg(value_name = "BASE..HEAD", default_value = "HEAD~1..HEAD")]
    range: String,
    /// Look at kustomizations in and below this directory, and at all Applications
    #[arg(default_value = ".", value_name = "DIR")]
    directory: PathBuf,
    /// Write the plan to this file too, for `approve --plan` and `sync --plan`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The most bytes of `-o markdown`; what has no room is counted
    #[arg(long, value_name = "BYTES", default_value_t = MOST_COMMENT)]
    limit: usize,
    /// The form of the output
    #[arg(short = 'o', long = "output", value_name = "FORM", default_value = "human")]
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people
    Human,
    /// JSON, as `--out` writes it
    Json,
    /// YAML
    Yaml,
    /// A comment for a pull request
    Markdown,
    /// Names of what changes only, one a line
    Name,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let place = Place::of(&arguments.directory)?;
    let sign = Progress::start(format!("planning {}", arguments.range));
    let repository = LocalRepository::open(&place.root)?;
    let (base, head) = repository.range(&Range::parse(&arguments.range))?;
    let question = Question { base: repository.at(base), head: repository.at(head), start: place.path };
    let plan = plan::plan(question).map_err(|error| Failure::outside(error.to_string()))?;
    drop(sign);
    if let Some(file) = &arguments.out {
        plan::write(&plan, file).map_err(|error| cannot("write", file, &error))?;
    }
    match arguments.form {
        Form::Human => output::print(&text::plan(&plan))?,
        Form::Json => print_value(Format::Json, &plan)?,
        Form::Yaml => print_value(Format::Yaml, &plan)?,
        Form::Markdown => output::print(&text::comment(&plan, arguments.limit))?,
        Form::Name => output::print(&names(&plan))?,
    }
    Ok(exit(&plan))
}

/// What does not render comes first: of that nobody knows what it would do.
fn exit(plan: &PlanView) -> Exit {
    match (plan.is_broken(), plan.is_refused(), plan.is_empty()) {
        (true, _, _) => Exit::Usage,
        (false, true, _) => Exit::Refused,
        (false, false, false) => Exit::Finding,
        (false, false, true) => Exit::Success,
    }
}

fn names(plan: &PlanView) -> String {
    let name = |kind: &str, name: &str| match kind {
        "Application" => format!("application.argoproj.io/{}\n", printable(name)),
        _ => printable(name) + "\n",
    };
    plan.items.iter().map(|item| name(&item.kind, &item.name)).collect()
}

/// The hash that binds `application` to the plan in `file`.
pub(super) fn bound(file: &Path, application: &str) -> Result<String, Failure> {
    let plan = plan::read(file).map_err(|error| cannot("read", file, &error))?;
    plan::desired_hash(&plan, application).map_err(|why| {
        Failure::usage(format!("`{}`: {why}", file.display()))
            .hint(Some("write the plan of a range that changes the Application, with `gitops plan BASE..HEAD --out FILE`"))
    })
}

fn cannot(verb: &str, file: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("cannot {verb} the plan `{}`: {error}", file.display()))
}
