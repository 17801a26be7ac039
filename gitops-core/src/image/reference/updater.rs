//! Image names as Argo CD Image Updater writes them in its `image-list`.

use super::Reference;

/// What an entry `[ALIAS=]IMAGE[:CONSTRAINT]` says.
///
/// Reading never fails: what the grammar of references refuses, such as a constraint in the place of a tag, is
/// taken apart by its punctuation. A registry is empty where it is the implied `docker.io`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpdaterImage {
    /// What stands before the `=`.
    pub alias: String,
    /// The registry.
    pub registry: String,
    /// The repository; `library/` only where it is written.
    pub name: String,
    /// The tag, or the constraint of an `image-list` entry; `None` where there is neither tag nor digest.
    pub tag: Option<String>,
    /// The digest; `None` where there is neither tag nor digest.
    pub digest: Option<String>,
}

impl UpdaterImage {
    /// Reads one entry as Argo CD Image Updater does.
    pub fn parse(identifier: &str) -> Self {
        let (alias, image) = identifier.split_once('=').unwrap_or(("", identifier));
        let parsed = match Reference::parse_normalized(image) {
            Ok(reference) => from_reference(image, reference),
            Err(_) => lenient(identifier, image),
        };
        Self { alias: alias.to_owned(), ..parsed }
    }

    /// Registry and repository.
    pub fn repository(&self) -> String {
        if self.registry.is_empty() || self.name.starts_with(&format!("{}/", self.registry)) {
            self.name.clone()
        } else {
            format!("{}/{}", self.registry, self.name)
        }
    }

    /// The whole image without the alias.
    pub fn full(&self) -> String {
        let part = |sign: char, value: &Option<String>| {
            value
                .as_ref()
                .filter(|value| !value.is_empty())
                .map(|value| format!("{sign}{value}"))
                .unwrap_or_default()
        };
        format!("{}{}{}", self.repository(), part(':', &self.tag), part('@', &self.digest))
    }
}

fn from_reference(image: &str, reference: Reference) -> UpdaterImage {
    let implied = reference.domain == "docker.io" && !image.starts_with("docker.io");
    let added = reference.domain == "docker.io" && !image.starts_with("library/");
    let short = reference.path.strip_prefix("library/").filter(|_| added);
    let name = short.unwrap_or(&reference.path).to_owned();
    let any = reference.tag.is_some() || reference.digest.is_some();
    let part = |value: Option<String>| any.then(|| value.unwrap_or_default());
    UpdaterImage {
        alias: String::new(),
        registry: if implied { String::new() } else { reference.domain },
        name,
        tag: part(reference.tag),
        digest: part(reference.digest),
    }
}

fn lenient(identifier: &str, image: &str) -> UpdaterImage {
    let with_dot = |text: &str| text.split_once('/').is_some_and(|(first, _)| first.contains('.'));
    // The registry is looked for between the first two `=`, the rest after the first one.
    let between = identifier.split('=').nth(1).unwrap_or(identifier);
    let registry = if with_dot(between) { between.split('/').next().unwrap_or_default() } else { "" };
    let rest = if with_dot(image) { image.split_once('/').map_or("", |(_, rest)| rest) } else { image };
    let (name, tag, digest) = if let Some((before, digest)) = rest.split_once('@') {
        let colon = before.rfind(':').filter(|colon| before.rfind('/').is_none_or(|slash| slash < *colon));
        let (name, tag) = colon.and_then(|colon| before.split_at_checked(colon)).unwrap_or((before, ""));
        (name, Some(tag.strip_prefix(':').unwrap_or(tag)), Some(digest))
    } else if let Some((name, tag)) = rest.split_once(':') {
        (name, Some(tag), Some(""))
    } else {
        (rest, None, None)
    };
    UpdaterImage {
        alias: String::new(),
        registry: registry.to_owned(),
        name: name.to_owned(),
        tag: tag.map(str::to_owned),
        digest: digest.map(str::to_owned),
    }
}
