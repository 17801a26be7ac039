//! A registry of images in memory, and in one file where one is given.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::Mutex;

use gitops_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use smol_str::SmolStr;

use super::file::StateFile;
use super::lock;
use crate::registry::{Registry, RegistryError, RegistryImage};

/// A registry of images in memory.
///
/// Faults are consumed front first, one for each call of [`Registry::images`]; `None` lets a call pass.
#[derive(Debug, Default)]
pub struct EmbeddedRegistry {
    state: Mutex<State>,
    file: Option<StateFile>,
    /// The faults to come.
    pub faults: Mutex<VecDeque<Option<RegistryError>>>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct State {
    repositories: BTreeMap<SmolStr, Repository>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Repository {
    immutable_tags: bool,
    /// By digest.
    images: BTreeMap<SmolStr, Image>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Image {
    tags: Vec<SmolStr>,
    pushed_at_ms: i64,
}

impl EmbeddedRegistry {
    /// An empty registry.
    pub fn new() -> Self {
        Self::default()
    }

    /// The registry that lives in the file at `path`, which is made at the first push where it is not there.
    pub fn open(path: &Path) -> Result<Self, RegistryError> {
        let storage = |message| RegistryError::Storage { message };
        let file = StateFile::open(path, "gitops-embedded-registry", 1).map_err(storage)?;
        let state = match file.load().map_err(storage)? {
            Some(json) => serde_json::from_value(json)
                .map_err(|error| storage(format!("`{}` is damaged: {error}", path.display())))?,
            None => State::default(),
        };
        Ok(Self { state: Mutex::new(state), file: Some(file), faults: Mutex::default() })
    }

    /// Makes a repository; tags are immutable as in an ECR repository of that setting, or may move.
    pub fn create_repository(&self, repository: &str, immutable_tags: bool) -> Result<(), RegistryError> {
        self.change(|state| {
            state.repositories.entry(repository.into()).or_default().immutable_tags = immutable_tags;
            Ok(())
        })
    }

    /// Pushes an image under `tag` at `pushed_at` and answers its digest, which follows from repository, tag and
    /// time. The repository is made where it is not there; a tag that stood elsewhere moves.
    pub fn push(&self, repository: &str, tag: &str, pushed_at: Timestamp) -> Result<SmolStr, RegistryError> {
        let content = format!("{repository}:{tag}@{}", pushed_at.as_millis());
        let digest = SmolStr::from(format!("sha256:{}", hexadecimal(&Sha256::digest(content))));
        self.push_digest(repository, tag, &digest, pushed_at)?;
        Ok(digest)
    }

    /// Pushes the image with `digest` under `tag` at `pushed_at`.
    pub fn push_digest(
        &self,
        repository: &str,
        tag: &str,
        digest: &str,
        pushed_at: Timestamp,
    ) -> Result<(), RegistryError> {
        self.change(|state| {
            let stored = state.repositories.entry(repository.into()).or_default();
            let holder = stored.images.iter().find(|(_, image)| image.tags.iter().any(|each| each == tag));
            if stored.immutable_tags && holder.is_some_and(|(holder, _)| holder != digest) {
                return Err(RegistryError::TagImmutable {
                    repository: repository.to_owned(),
                    tag: tag.to_owned(),
                });
            }
            for image in stored.images.values_mut() {
                image.tags.retain(|each| each != tag);
            }
            let image = stored.images.entry(digest.into()).or_default();
            image.pushed_at_ms = pushed_at.as_millis();
            image.tags.push(tag.into());
            image.tags.sort();
            Ok(())
        })
    }

    /// Removes the image with `digest`; false where there is none.
    pub fn remove(&self, repository: &str, digest: &str) -> Result<bool, RegistryError> {
        self.change(|state| {
            Ok(state.repositories.get_mut(repository).is_some_and(|r| r.images.remove(digest).is_some()))
        })
    }

    /// The change is kept only when it could be stored.
    fn change<T>(
        &self,
        change: impl FnOnce(&mut State) -> Result<T, RegistryError>,
    ) -> Result<T, RegistryError> {
        let mut state = lock(&self.state);
        let mut changed = state.clone();
        let answer = change(&mut changed)?;
        if let Some(file) = &self.file {
            let storage = |message| RegistryError::Storage { message };
            let json = serde_json::to_string(&changed).map_err(|error| storage(error.to_string()))?;
            file.save(&json).map_err(storage)?;
        }
        *state = changed;
        Ok(answer)
    }
}

impl Registry for EmbeddedRegistry {
    async fn images(&self, repository: &str) -> Result<Vec<RegistryImage>, RegistryError> {
        if let Some(fault) = lock(&self.faults).pop_front().flatten() {
            return Err(fault);
        }
        let state = lock(&self.state);
        let stored = state
            .repositories
            .get(repository)
            .ok_or_else(|| RegistryError::NotFound { repository: repository.to_owned() })?;
        let mut images: Vec<RegistryImage> = stored
            .images
            .iter()
            .map(|(digest, image)| RegistryImage {
                digest: digest.clone(),
                tags: image.tags.clone(),
                pushed_at: Some(Timestamp::from_millis(image.pushed_at_ms)),
            })
            .collect();
        images.sort_by_key(|image| image.pushed_at);
        Ok(images)
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn images(registry: &EmbeddedRegistry, repository: &str) -> Result<Vec<RegistryImage>, RegistryError> {
        crate::embedded::VirtualClock::default().block_on(registry.images(repository)).unwrap()
    }

    #[test]
    fn the_contract_holds() {
        let registry = EmbeddedRegistry::new();
        let mut expected = vec![];
        for (tags, seconds) in [(&["b", "a"][..], 30), (&["c"], 10), (&["d"], 20), (&["e"], 10)] {
            let digest = SmolStr::from(format!("sha256:{}", tags.join("")));
            let pushed_at = Timestamp::from_seconds(seconds);
            for tag in tags {
                registry.push_digest("app", tag, &digest, pushed_at).unwrap();
            }
            let mut tags: Vec<SmolStr> = tags.iter().map(|tag| (*tag).into()).collect();
            tags.sort();
            expected.push(RegistryImage { digest, tags, pushed_at: Some(pushed_at) });
        }
        let suite = crate::contract::registry(&registry, "app", &expected, "missing");
        assert_eq!(crate::embedded::VirtualClock::default().block_on(suite).unwrap(), []);
    }

    #[test]
    fn a_push_survives_a_restart() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("registry.json");
        let registry = EmbeddedRegistry::open(&path).unwrap();
        registry.create_repository("registry.example.com/app", true).unwrap();
        registry.push("registry.example.com/app", "b", Timestamp::from_seconds(20)).unwrap();
        registry.push("registry.example.com/app", "a", Timestamp::from_seconds(10)).unwrap();
        let before = images(&registry, "registry.example.com/app").unwrap();
        drop(registry);
        let registry = EmbeddedRegistry::open(&path).unwrap();
        assert_eq!(images(&registry, "registry.example.com/app").unwrap(), before);
        assert_eq!(before.iter().map(|image| image.tags[0].as_str()).collect::<Vec<_>>(), ["a", "b"]);
        let taken = registry.push("registry.example.com/app", "a", Timestamp::from_seconds(30));
        assert!(matches!(taken, Err(RegistryError::TagImmutable { .. })), "{taken:?}");
    }

    #[test]
    fn a_tag_moves_where_tags_may() {
        let registry = EmbeddedRegistry::new();
        registry.push("app", "latest", Timestamp::from_seconds(1)).unwrap();
        let newer = registry.push("app", "latest", Timestamp::from_seconds(2)).unwrap();
        let found = images(&registry, "app").unwrap();
        assert_eq!(found.len(), 2);
        assert!(found[0].tags.is_empty());
        assert_eq!((found[1].digest.clone(), found[1].tags.clone()), (newer, vec!["latest".into()]));
    }

    #[test]
    fn faults_come_front_first() {
        let registry = EmbeddedRegistry::new();
        registry.push("app", "v1", Timestamp::default()).unwrap();
        let away = RegistryError::Unavailable { message: "connection refused".to_owned() };
        lock(&registry.faults).extend([None, Some(away.clone())]);
        assert!(images(&registry, "app").is_ok());
        assert_eq!(images(&registry, "app"), Err(away));
        assert!(images(&registry, "app").is_ok());
    }

    #[test]
    fn a_foreign_file_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("registry.json");
        for content in ["", "{}", "{\"format\":\"gitops-embedded-registry\",\"version\":9}"] {
            std::fs::write(&path, content).unwrap();
            let error = EmbeddedRegistry::open(&path).unwrap_err().to_string();
            assert!(error.contains("registry.json"), "{error}");
        }
    }
}
