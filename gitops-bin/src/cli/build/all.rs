//! `gitops build --all`: every kustomization that no other one includes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gitops_core::diagnostic::{Diagnostic, mask_credentials};
use gitops_core::kustomize::{Cache, RenderOptions, Rendered};
use gitops_core::tree::TreePath;
use serde::Serialize;

use super::{Place, explain_with, text};
use crate::batch::{Batch, Disk, Loaded, Outcome, Source};
use crate::cli::format::{Format, print_value};
use crate::cli::kustomizations;
use crate::cli::progress::Progress;
use crate::cli::revision::LocalRepository;
use crate::cli::{Exit, Failure, output};
use crate::fetch::Fetcher;
use crate::view::ListView;

/// The file that `-o DIR` writes for a kustomization, in a directory of its path.
const FILE: &str = "manifests.yaml";

/// Where the result goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// Standard output, one stream of documents.
    Stream,
    /// Standard output, as JSON.
    Json,
    /// A directory, with one for each kustomization in it.
    Directory(PathBuf),
}

/// One kustomization, built.
struct Built {
    path: String,
    /// Its path below the directory that was asked for.
    below: TreePath,
    result: Result<Manifests, Failure>,
}

struct Manifests {
    text: String,
    /// The objects, where JSON is wanted.
    objects: Vec<serde_json::Value>,
    warnings: Vec<Diagnostic>,
}

/// Builds every root in and below `directory`: as it is on disk, or in revision `at`.
pub(super) fn run(
    directory: &Path,
    at: Option<&str>,
    (options, fetcher): (RenderOptions, &Arc<Fetcher>),
    target: &Target,
) -> Result<Exit, Failure> {
    let place = Place::of(directory)?;
    let work = (options, fetcher, target);
    let built = match at {
        None => build(Disk { root: place.root.clone() }, &place, directory, work)?,
        Some(revision) => {
            let repository = LocalRepository::open(&place.root)?;
            let commit = repository.resolve(revision)?;
            build(repository.at(commit), &place, directory, work)?
        }
    };
    let warnings =
        built.iter().filter_map(|built| built.result.as_ref().ok()).flat_map(|built| &built.warnings);
    let mut seen = BTreeSet::new();
    let warnings: Vec<Diagnostic> =
        warnings.filter(|warning| seen.insert(warning.to_string())).cloned().collect();
    output::print_warnings(&warnings);
    let failure = failure(&built);
    match (target, &failure) {
        (Target::Json, _) => print_json(&built)?,
        // Nothing is half-written.
        (Target::Stream | Target::Directory(_), Some(_)) => {}
        (Target::Stream, None) => output::print_manifests(&stream(&built))?,
        (Target::Directory(directory), None) => write(directory, &built)?,
    }
    failure.map_or(Ok(Exit::Success), Err)
}

fn build<S: Source>(
    source: S,
    place: &Place,
    directory: &Path,
    (options, fetcher, target): (RenderOptions, &Arc<Fetcher>, &Target),
) -> Result<Vec<Built>, Failure> {
    let sign = Progress::start("looking for kustomizations");
    let mut batch = Batch::new(source, options, Cache::new()).fetching(Arc::clone(fetcher));
    let roots = kustomizations::roots(&mut batch, place, directory)?;
    drop(sign);
    let _sign = Progress::start(format!("building {} kustomizations", roots.len()));
    let built = batch.render(&roots, false, |root, outcome, loaded| {
        let below = place.below(root);
        Built { path: shown(directory, &below), below, result: finish(outcome, loaded, target) }
    });
    let built = built.map_err(|error| kustomizations::refused(&error))?;
    // The process is about to end: taking trees apart node by node would only take time.
    std::mem::forget(batch);
    Ok(built)
}

fn finish(outcome: &Outcome, loaded: Loaded<'_>, target: &Target) -> Result<Manifests, Failure> {
    match outcome {
        Outcome::Rendered(rendered) => manifests(rendered, target),
        Outcome::Failed(failed) => Err(explain_with(&failed.error, &|at| loaded.file_at(at))),
        Outcome::Unreadable(why) => Err(kustomizations::unreadable(why)),
    }
}

fn manifests(rendered: &Rendered, target: &Target) -> Result<Manifests, Failure> {
    let objects = match target {
        Target::Json => rendered.objects.iter().map(|object| object.root.to_json()).collect::<Result<_, _>>(),
        Target::Stream | Target::Directory(_) => Ok(vec![]),
    };
    let objects = objects.map_err(|error| Failure::usage(error.to_string()))?;
    Ok(Manifests { text: text(rendered)?, objects, warnings: rendered.warnings.clone() })
}

/// The path of a kustomization as the user would name it.
fn shown(directory: &Path, below: &TreePath) -> String {
    let path = if below.is_root() { directory.to_owned() } else { directory.join(below.as_str()) };
    let path = path.strip_prefix(".").unwrap_or(&path).display().to_string();
    if path.is_empty() { ".".to_owned() } else { path }
}

/// All that fails, each failure once, with the kustomizations that it stops; nothing where none fails.
fn failure(built: &[Built]) -> Option<Failure> {
    let mut failures: Vec<(&Failure, Vec<&str>)> = vec![];
    let mut known = BTreeMap::new();
    for built in built {
        let Err(failure) = &built.result else { continue };
        let key = (&failure.message, failure.at.as_ref().map(ToString::to_string));
        let at = *known.entry(key).or_insert_with(|| {
            failures.push((failure, vec![]));
            failures.len() - 1
        });
        if let Some((_, paths)) = failures.get_mut(at) {
            paths.push(&built.path);
        }
    }
    let mut all = failures.into_iter().map(|(failure, paths)| {
        let first = paths.first().copied().unwrap_or_default();
        let who = match paths.len() {
            1 => format!("`{first}` does not build"),
            count => format!("`{first}` and {} more do not build", count - 1),
        };
        let mut failure = failure.clone();
        failure.message = format!("{who}: {}", failure.message);
        failure
    });
    let first = all.next()?;
    let further: Vec<Failure> = all
        .flat_map(|mut failure| {
            let further = std::mem::take(&mut failure.further);
            std::iter::once(failure).chain(further)
        })
        .collect();
    Some(first.and(further))
}

/// All documents, those of each kustomization under a comment with its path.
fn stream(built: &[Built]) -> String {
    let mut text = String::new();
    for (built, manifests) in built.iter().filter_map(|built| Some((built, built.result.as_ref().ok()?))) {
        if !text.is_empty() {
            text.push_str("---\n");
        }
        text.push_str("# Source: ");
        text.push_str(&crate::text::printable(&built.path));
        text.push('\n');
        text.push_str(&manifests.text);
    }
    text
}

/// One kustomization in JSON: its objects, or why there are none.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct BuiltView<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    objects: Option<&'a [serde_json::Value]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorView<'a>>,
}

/// A failure in JSON.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorView<'a> {
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
}

fn print_json(built: &[Built]) -> Result<(), Failure> {
    let view = |built: &'_ Built| match &built.result {
        Ok(manifests) => (Some(manifests.objects.clone()), None),
        Err(failure) => (None, Some(failure.clone())),
    };
    let results: Vec<_> = built.iter().map(view).collect();
    let items = built.iter().zip(&results).map(|(built, (objects, failure))| BuiltView {
        path: &built.path,
        objects: objects.as_deref(),
        error: failure.as_ref().map(|failure| ErrorView {
            message: mask_credentials(&failure.message),
            at: failure.at.as_ref().map(ToString::to_string),
            hint: failure.hint.as_deref(),
        }),
    });
    print_value(Format::Json, &ListView::new(items.collect::<Vec<_>>()))
}

/// Writes a file for each kustomization. All are written aside first, and then moved to their places.
fn write(directory: &Path, built: &[Built]) -> Result<(), Failure> {
    let failed = |path: &Path, error: std::io::Error| {
        Failure::outside(format!("cannot write `{}`: {error}", path.display()))
    };
    fs::create_dir_all(directory).map_err(|error| failed(directory, error))?;
    let aside = tempfile::Builder::new().prefix(".gitops-build-").tempdir_in(directory);
    let aside = aside.map_err(|error| failed(directory, error))?;
    let mut moves = vec![];
    for (number, built) in built.iter().enumerate() {
        let Ok(manifests) = &built.result else { continue };
        let folder =
            if built.below.is_root() { directory.to_owned() } else { directory.join(built.below.as_str()) };
        fs::create_dir_all(&folder).map_err(|error| failed(&folder, error))?;
        let draft = aside.path().join(number.to_string());
        fs::write(&draft, &manifests.text).map_err(|error| failed(&draft, error))?;
        moves.push((draft, folder.join(FILE)));
    }
    for (draft, path) in moves {
        fs::rename(&draft, &path).map_err(|error| failed(&path, error))?;
    }
    Ok(())
}
