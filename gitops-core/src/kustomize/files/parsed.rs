//! What the files of one render hold, each read once: text, first document, kustomization, manifests.
//!
//! A render that may reuse takes what an earlier one has read, and keeps what it reads itself.

use std::sync::Arc;

use smol_str::SmolStr;

use super::SourceFile;
use crate::kustomize::cache::Cache;
use crate::kustomize::error::RenderError;
use crate::kustomize::kustomization::Kustomization;
use crate::kustomize::manifest::ManifestText;
use crate::kustomize::resource::Resource;
use crate::yaml::{self, Dialect, Node};

/// A file, and what it was read as so far. All of it is shared.
#[derive(Clone, Debug)]
pub(crate) struct ParsedFile {
    /// The file; its index counts in no table.
    pub(crate) source: SourceFile,
    /// The id of its blob; empty where none is known.
    pub(crate) blob: SmolStr,
    document: Option<Result<Node, RenderError>>,
    kustomization: Option<Result<Arc<Kustomization>, RenderError>>,
    manifests: Option<Result<Arc<[Resource]>, RenderError>>,
}

impl ParsedFile {
    /// The file `source`, of which nothing is read yet.
    pub(crate) fn new(source: SourceFile, blob: &str) -> Self {
        Self { source, blob: blob.into(), document: None, kustomization: None, manifests: None }
    }

    /// Adds what `other`, which is of the same content, was read as.
    pub(crate) fn complete(&mut self, other: Self) {
        self.document = self.document.take().or(other.document);
        self.kustomization = self.kustomization.take().or(other.kustomization);
        self.manifests = self.manifests.take().or(other.manifests);
    }
}

/// The files of one render, by their index in its provenance table.
#[derive(Debug)]
pub(crate) struct ParsedFiles<'a> {
    cache: Option<&'a Cache>,
    /// Each file, and whether more of it was read than the cache knows.
    files: Vec<(ParsedFile, bool)>,
}

impl<'a> ParsedFiles<'a> {
    /// No file yet.
    pub(crate) fn new(cache: Option<&'a Cache>) -> Self {
        Self { cache, files: vec![] }
    }

    /// The cache.
    pub(crate) fn cache(&self) -> Option<&'a Cache> {
        self.cache
    }

    /// The file with this content that an earlier render has read.
    pub(crate) fn recall(&self, path: &str, blob: &str) -> Option<ParsedFile> {
        self.cache?.file(path, blob).cloned()
    }

    /// Adds the file that has the next index.
    pub(crate) fn add(&mut self, file: ParsedFile) {
        self.files.push((file, false));
    }

    /// What the file with this index is known to hold.
    pub(crate) fn get(&self, index: u32) -> Option<&ParsedFile> {
        self.files.get(index as usize).map(|(file, _)| file)
    }

    /// The files of which more was read than the cache knows.
    pub(crate) fn into_learned(self) -> impl Iterator<Item = ParsedFile> {
        self.files.into_iter().filter(|(_, is_new)| *is_new).map(|(file, _)| file)
    }

    /// The first document of `file`, in the dialect of kustomizations.
    pub(crate) fn document(&mut self, file: &SourceFile) -> Result<Node, RenderError> {
        let read = || {
            let root = yaml::read_one_with(&file.path, &file.text, Dialect::Json);
            root.map_err(|error| RenderError::from(file.relocate(error)))
        };
        let known = self.files.get_mut(file.index as usize).filter(|_| !file.is_inline());
        let Some((parsed, is_new)) = known else { return read() };
        let document = parsed.document.get_or_insert_with(|| {
            *is_new = true;
            read()
        });
        document.clone()
    }

    /// The kustomization in `file`.
    pub(crate) fn kustomization(&mut self, file: &SourceFile) -> Result<Arc<Kustomization>, RenderError> {
        if let Some((ParsedFile { kustomization: Some(known), .. }, _)) = self.files.get(file.index as usize)
        {
            return known.clone();
        }
        let root = yaml::read_one_with(&file.path, &file.text, Dialect::Json).map_err(RenderError::from);
        let read = root.and_then(|root| Kustomization::read(&root, file)).map(Arc::new);
        if let Some((parsed, is_new)) = self.files.get_mut(file.index as usize) {
            parsed.kustomization = Some(read.clone());
            *is_new = true;
        }
        read
    }

    /// The manifests in `file`.
    pub(crate) fn manifests(&mut self, file: &SourceFile) -> Result<Vec<Resource>, RenderError> {
        let read = || ManifestText(file).resources();
        let is_kept = self.cache.is_some() && !file.is_inline();
        let Some((parsed, is_new)) = self.files.get_mut(file.index as usize).filter(|_| is_kept) else {
            // What is kept is shared, and would be copied when a transformer changes it.
            return read();
        };
        let manifests = parsed.manifests.get_or_insert_with(|| {
            *is_new = true;
            read().map(Arc::from)
        });
        let mut resources = manifests.as_ref().map_err(Clone::clone)?.to_vec();
        for resource in &mut resources {
            resource.place.file = file.index;
        }
        Ok(resources)
    }
}
