//! `gitops build`: what `kustomize build` prints.

mod all;
mod compatibility;
mod files;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;
use gitops_core::diagnostic::Location;
use gitops_core::kustomize::{
    LoadRestrictions, RemoteAnswer, RemoteRepository, RenderError, RenderOptions, Rendered,
};
use gitops_core::tree::{File, TreePath};
use gitops_core::yaml;
use gitops_git::Limits;
use gitops_git::disk::{self, Depth};

use self::compatibility::Compatibility;
use super::source_line::SourceLine;
use super::{Exit, Failure, Global, output};
use crate::fetch::Fetcher;
use crate::source::{Loading, MOST_LOADED, Progress};

/// Print the objects of a kustomization, byte for byte as kustomize does
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gitops build k8s/overlays/prod\n  gitops build k8s/overlays/prod --at HEAD~1\n  gitops build 'https://github.com/org/repository//deploy?ref=v1.2.0'\n  gitops build --all k8s\n  gitops build --all -o rendered         # rendered/PATH/manifests.yaml for each\n  gitops build --all -o json | jq '.items[] | select(.error)'"
)]
pub(super) struct Arguments {
    /// The directory of the kustomization, or its address in a repository elsewhere
    #[arg(default_value = ".")]
    directory: PathBuf,
    /// Build the directory as it is in this revision, straight from Git's object database
    #[arg(long, value_name = "REVISION")]
    at: Option<String>,
    /// Build every kustomization in and below the directory that no other one there includes
    #[arg(long)]
    all: bool,
    /// Write to this file instead of standard output; into a directory, a file for each object. With `--all`: into
    /// this directory, `manifests.yaml` at the path of each kustomization; or `json` for JSON on standard output
    #[arg(short, long, value_name = "PATH")]
    output: Option<std::ffi::OsString>,
    /// Which files a kustomization may name
    #[arg(long, value_name = "RULE", default_value = "LoadRestrictionsRootOnly")]
    load_restrictor: LoadRestrictor,
    #[command(flatten)]
    compatibility: Compatibility,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LoadRestrictor {
    /// Files in or below its own directory
    #[value(name = "LoadRestrictionsRootOnly")]
    RootOnly,
    /// Every file of the repository
    #[value(name = "LoadRestrictionsNone")]
    None,
}

impl From<LoadRestrictor> for LoadRestrictions {
    fn from(restrictor: LoadRestrictor) -> Self {
        match restrictor {
            LoadRestrictor::RootOnly => Self::RootOnly,
            LoadRestrictor::None => Self::None,
        }
    }
}

pub(super) fn run(global: &Global, arguments: &Arguments) -> Result<Exit, Failure> {
    let options = RenderOptions {
        load_restrictions: arguments.load_restrictor.into(),
        reorder: arguments.compatibility.reorder(),
        managed_by_label: arguments.compatibility.managed_by_label(),
        helm: arguments.compatibility.helm(),
        ..RenderOptions::default()
    };
    let fetcher = global.fetching.fetcher_with(MOST_LOADED, arguments.compatibility.helm_program());
    if arguments.all {
        let target = match &arguments.output {
            Some(path) if path == "json" => all::Target::Json,
            Some(path) if !path.is_empty() => all::Target::Directory(path.into()),
            Some(_) | None => all::Target::Stream,
        };
        let at = arguments.at.as_deref();
        return all::run(&arguments.directory, at, (options, &fetcher), &target);
    }
    let elsewhere = RemoteRepository::parse(&arguments.directory.to_string_lossy());
    let rendered = match (&arguments.at, elsewhere) {
        (Some(_), Some(_)) => {
            return Err(Failure::usage("`--at` names a revision of a directory here")
                .hint(Some("write `?ref=REVISION` behind the address")));
        }
        (None, Some((repository, path))) => render_elsewhere(repository, &path, options, fetcher)?,
        (Some(revision), None) => {
            super::revision::render(&Place::of(&arguments.directory)?, revision, options, fetcher)?
        }
        (None, None) => render(&Place::of(&arguments.directory)?, options, fetcher)?,
    };
    output::print_warnings(&rendered.warnings);
    // The process is about to end: taking a large tree apart node by node would only take time.
    let rendered = std::mem::ManuallyDrop::new(rendered);
    match &arguments.output {
        Some(path) if !path.is_empty() => files::write(Path::new(path), &rendered)?,
        Some(_) | None => output::print_manifests(&text(&rendered)?)?,
    }
    Ok(Exit::Success)
}

/// The bytes that kustomize prints for these objects.
pub(crate) fn text(rendered: &Rendered) -> Result<String, Failure> {
    let roots: Vec<&yaml::Node> = rendered.objects.iter().map(|object| &object.root).collect();
    yaml::print(&roots).map_err(|error| {
        let failure = Failure::usage(error.to_string()).hint(error.hint());
        match rendered.objects.iter().find(|object| yaml::print(&[&object.root]).is_err()) {
            Some(object) => failure.at(object.at.clone(), SourceLine::Absent),
            None => failure,
        }
    })
}

/// A directory on disk, within the repository that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The root of the Git repository; the root of the file system outside of one.
    pub(crate) root: PathBuf,
    /// The directory, relative to that root.
    pub(crate) path: TreePath,
}

impl Place {
    /// The place of `directory`.
    pub(crate) fn of(directory: &Path) -> Result<Self, Failure> {
        let shown = directory.display();
        if is_url(&directory.to_string_lossy()) {
            return Err(Failure::usage(format!("`{shown}` is not the address of a repository"))
                .hint(Some("write `https://HOST/OWNER/NAME//PATH?ref=REVISION`, with `http` or `ssh` too")));
        }
        let directory = if is_kustomization_file(directory) { parent(directory) } else { directory };
        let full = directory
            .canonicalize()
            .map_err(|error| Failure::usage(format!("cannot build `{shown}`: {error}")))?;
        if !full.is_dir() {
            return Err(Failure::usage(format!("`{shown}` is not a directory"))
                .hint(Some("name the directory that holds the kustomization file")));
        }
        let root = full.ancestors().find(|folder| folder.join(".git").exists());
        let root = root.or_else(|| full.ancestors().last()).unwrap_or(&full).to_owned();
        let relative = full.strip_prefix(&root).unwrap_or(&full);
        let relative = relative.to_str().ok_or_else(|| Failure::usage(format!("`{shown}` is not UTF-8")))?;
        let path = TreePath::parse(relative).map_err(|error| Failure::usage(error.to_string()))?;
        Ok(Self { root, path })
    }

    /// `path`, which is in or below this place, relative to it.
    pub(crate) fn below(&self, path: &TreePath) -> TreePath {
        let rest = path.as_str().strip_prefix(self.path.as_str()).unwrap_or_default();
        TreePath::parse(rest.trim_start_matches('/')).unwrap_or_default()
    }
}

fn is_url(text: &str) -> bool {
    let scheme = text.split_once(':').filter(|(scheme, _)| !scheme.contains('/'));
    let is_remote = |(scheme, rest): (&str, &str)| {
        rest.starts_with("//") || rest.starts_with(':') || scheme.contains('@')
    };
    !Path::new(text).exists()
        && (scheme.is_some_and(is_remote) || text.starts_with("github.com/") || text.contains("?ref="))
}

pub(super) fn is_kustomization_file(path: &Path) -> bool {
    let name = path.file_name().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
    matches!(name, "kustomization.yaml" | "kustomization.yml" | "Kustomization") && path.is_file()
}

pub(super) fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Renders the directory at `place`.
fn render(place: &Place, options: RenderOptions, fetcher: Arc<Fetcher>) -> Result<Rendered, Failure> {
    render_loading(place, Loading::new(place.path.clone(), options).fetching(fetcher))
}

/// Carries `loading` out with the files on disk.
pub(super) fn render_loading(place: &Place, loading: Loading) -> Result<Rendered, Failure> {
    let _sign = super::progress::Progress::start(format!("rendering {}", place.path));
    // The files are not taken apart either.
    let mut loading = std::mem::ManuallyDrop::new(loading);
    loop {
        match loading.advance() {
            Progress::Done(result) => {
                return result.map_err(|error| {
                    let limits = Limits::default();
                    let names =
                        disk::load_without_ids(&place.root, &error.directories(), Depth::Listing, &limits);
                    explain(&error.with_suggestions(&names.unwrap_or_default()), &loading)
                });
            }
            Progress::Needs(paths) => {
                let total_size = MOST_LOADED.saturating_sub(loading.size());
                let limits = Limits { total_size, ..Limits::default() };
                let found = disk::load_without_ids(&place.root, &paths, Depth::Listing, &limits);
                let found = found.map_err(|error| {
                    let at = Location::file(place.path.to_string());
                    Failure::usage(format!("what this build loads: {error}")).at(at, SourceLine::Absent)
                })?;
                loading.fill(&paths, found);
            }
        }
    }
}

/// Renders a kustomization in a repository elsewhere.
fn render_elsewhere(
    repository: RemoteRepository,
    path: &str,
    options: RenderOptions,
    fetcher: Arc<Fetcher>,
) -> Result<Rendered, Failure> {
    let shown = repository.to_string();
    let _sign = super::progress::Progress::start(format!("rendering {shown}"));
    let failed = |answer| match answer {
        RemoteAnswer::Failed { message, hint } => {
            Failure::usage(format!("`{shown}` cannot be fetched: {message}")).hint(hint)
        }
        RemoteAnswer::Absent(message) => Failure::usage(format!("`{shown}` cannot be fetched: {message}")),
        RemoteAnswer::Mounted => Failure::usage(format!("`{shown}` cannot be fetched")),
    };
    let mut loading = Loading::elsewhere(repository, path, options, fetcher).map_err(failed)?;
    loop {
        match loading.advance() {
            Progress::Done(result) => return result.map_err(|error| explain(&error, &loading)),
            // There is nothing here that it could need.
            Progress::Needs(paths) => loading.fill(&paths, gitops_core::tree::FileTree::new()),
        }
    }
}

/// A render's error with its place, the line that stands there, and what to do; several where it is several.
pub(super) fn explain(error: &RenderError, loading: &Loading) -> Failure {
    explain_with(error, &|at| loading.file_at(at))
}

/// As [`explain`], `file` giving the file that a place is in.
fn explain_with<'f>(error: &RenderError, file: &dyn Fn(&Location) -> Option<&'f File>) -> Failure {
    let mut failures = error.each().iter().map(|error| explain_one(error, file));
    let first = failures.next().unwrap_or_else(|| Failure::usage(error.to_string()));
    first.and(failures)
}

fn explain_one<'f>(error: &RenderError, file: &dyn Fn(&Location) -> Option<&'f File>) -> Failure {
    let text = error.to_string();
    let Some(at) = error.location() else { return Failure::usage(text).hint(error.hint()) };
    let message = text.strip_prefix(&format!("{at}: ")).unwrap_or(&text);
    let failure = Failure::usage(message).hint(error.hint());
    let line = file(at).map(|file| SourceLine::of(&file.content, at)).unwrap_or_default();
    failure.at(at.clone(), line)
}
