//! Which commits concern an application: the path filter of a monorepo.

use crate::glob::path_match;

/// The annotation that names the paths that an application's manifests are made of.
pub const MANIFEST_GENERATE_PATHS: &str = "argocd.argoproj.io/manifest-generate-paths";

/// The paths of one source whose changes concern the application: those of the annotation, separated by `;`,
/// relative to the source's path unless they begin with `/`. None means every change does.
///
/// Of a source that a hydrator writes (`hydrated`), only the source's own path counts: the annotation speaks of
/// the dry source.
pub fn refresh_paths(annotation: Option<&str>, source_path: &str, hydrated: bool) -> Vec<String> {
    if hydrated {
        return vec![clean(source_path)];
    }
    let items = annotation.unwrap_or_default().split(';').map(str::trim).filter(|item| !item.is_empty());
    items
        .map(|item| match item.strip_prefix('/') {
            Some(absolute) => clean(absolute),
            None => clean(&format!("{source_path}/{item}")),
        })
        .collect()
}

/// Whether one of the changed files concerns an application with these paths: it is one of them, below one of
/// them, or matches one as a pattern. Without a list of files, or of paths, everything does.
pub fn files_changed(refresh_paths: &[String], changed_files: &[String]) -> bool {
    if changed_files.is_empty() || refresh_paths.is_empty() {
        return true;
    }
    changed_files.iter().map(|file| clean(file)).any(|file| {
        refresh_paths.iter().any(|path| {
            let path = clean(path);
            path == "."
                || file == path
                || file.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('/'))
                // A pattern that Go refuses matches nothing.
                || path_match(&path, &file).unwrap_or(false)
        })
    })
}

/// The shortest form of a relative path, as Go's `filepath.Clean` writes it.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = vec![];
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}
