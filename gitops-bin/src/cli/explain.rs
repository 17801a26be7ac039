//! `gitops explain`: which file and line set each field of a rendered object, and what changed it after.

mod annotate;
mod answer;
mod source;

use std::path::PathBuf;

use gitops_core::explain::{Explanation, ObjectName, Subject};
use gitops_core::object::FieldPath;

use self::answer::Answer;
use self::source::Source;
use super::format::{Format, FormatArgument, print_value};
use super::{Exit, Failure, Global, output};
use crate::source::MOST_LOADED;
use crate::text;

/// Show which file and line set a field of a rendered object, and each patch or transformer that changed it after
#[derive(Debug, clap::Args)]
#[command(after_help = "\
FIELD is a path as kubectl and JSON patches write it. A map or list shows every field below it; a field that is
gone shows who took it away. NAME may be the one before prefixes, suffixes and hashes.

Examples:
  gitops explain k8s/overlays/prod Rollout/myapp spec.strategy.canary.steps
  gitops explain k8s/overlays/prod Rollout/myapp 'spec.template.spec.containers[myapp].image'
  gitops explain k8s/overlays/prod ingress/myapp /spec/rules/0/host
  gitops explain k8s/overlays/prod cm/myapp-config data --at HEAD~3
  gitops explain k8s/overlays/prod Rollout.argoproj.io/myapp -n prod --all
  gitops explain k8s/base/deployment.yaml Deployment/myapp -o json")]
pub(super) struct Arguments {
    /// The directory of a kustomization, or a file with manifests
    source: PathBuf,
    /// The object: KIND/NAME, KIND.GROUP/NAME or NAMESPACE/KIND/NAME
    #[arg(value_name = "KIND/NAME")]
    object: String,
    /// The field; by default the whole object
    field: Option<String>,
    /// The namespace of the object
    #[arg(short, long)]
    namespace: Option<String>,
    /// Print the whole object with the file, line and changes of each line beside it
    #[arg(long, conflicts_with = "field")]
    all: bool,
    /// Explain the build of this revision, and name the commit and author of each line
    #[arg(long, value_name = "REVISION")]
    at: Option<String>,
    #[command(flatten)]
    output: FormatArgument,
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<Exit, Failure> {
    let usage = |message: String, hint: Option<String>| Failure::usage(message).hint(hint);
    let mut name =
        ObjectName::parse(&arguments.object).map_err(|error| usage(error.to_string(), error.hint()))?;
    if let Some(namespace) = &arguments.namespace {
        name.namespace = Some(namespace.clone());
    }
    let field = FieldPath::parse(arguments.field.as_deref().unwrap_or_default())
        .map_err(|error| usage(error.to_string(), None))?;
    let source =
        Source::open(&arguments.source, arguments.at.as_deref(), global.fetching.fetcher(MOST_LOADED))?;
    let rendered = source.render()?;
    output::print_warnings(&rendered.warnings);
    let subject = Subject::find(&rendered, &name).map_err(|error| usage(error.to_string(), error.hint()))?;
    let explanation: Explanation =
        subject.explain(&field).map_err(|error| usage(error.to_string(), error.hint()))?;
    let answer = Answer::new(&rendered, &explanation);
    let view = answer.view(&source)?;
    match arguments.output.format {
        Format::Table if arguments.all => output::print(&annotate::object(&subject, &view)?)?,
        Format::Table => output::print(&text::explanation(&view))?,
        Format::Name => {
            let places = view.fields.iter().map(|field| field.path.clone() + "\n");
            output::print(&places.collect::<String>())?;
        }
        format @ (Format::Json | Format::Yaml) => print_value(format, &view)?,
    }
    Ok(Exit::Success)
}
