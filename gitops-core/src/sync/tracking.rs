//! Which live objects belong to which application.

use std::fmt;

use smol_str::SmolStr;

use crate::object::{Object, ObjectKey};
use crate::yaml::Node;

/// The annotation that names an object's application and the object itself.
pub const TRACKING_ID: &str = "argocd.argoproj.io/tracking-id";
/// The annotation that names the installation that wrote the tracking id.
pub const INSTALLATION_ID: &str = "argocd.argoproj.io/installation-id";
/// The label that names an object's application, unless another one is configured.
pub const INSTANCE_LABEL: &str = "app.kubernetes.io/instance";

const LABEL_LENGTH: usize = 63;

/// Why a tracking mark cannot be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrackingError {
    /// The text is no tracking id.
    #[error("`{text}` is not a tracking id such as `app:apps/Deployment:dev/web`")]
    Id {
        /// What was read.
        text: SmolStr,
    },
    /// The text gives no label.
    #[error("`{text}` has no letter or digit that a label value could end with")]
    Label {
        /// What was read.
        text: SmolStr,
    },
}

/// Where an application leaves its mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum TrackingMethod {
    /// In the annotation: what Argo CD 3 does.
    #[default]
    Annotation,
    /// In the label.
    Label,
    /// In both; the annotation decides.
    AnnotationAndLabel,
}

impl TrackingMethod {
    /// The method of Argo CD's setting `application.resourceTrackingMethod`.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "annotation" => Some(Self::Annotation),
            "label" => Some(Self::Label),
            "annotation+label" => Some(Self::AnnotationAndLabel),
            _ => None,
        }
    }

    fn has_annotation(self) -> bool {
        self != Self::Label
    }

    fn has_label(self) -> bool {
        self != Self::Annotation
    }
}

/// A tracking id: the application and the object that it was written for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackingId {
    /// Name of the application, with its namespace where that is not the controller's (`namespace_name`).
    pub application: SmolStr,
    /// The object that the id was written for.
    pub key: ObjectKey,
}

impl std::str::FromStr for TrackingId {
    type Err = TrackingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            // The name is the rest: names of roles may hold colons.
            let mut parts = text.splitn(3, ':');
            let (application, kind, name) = (parts.next()?, parts.next()?, parts.next()?);
            let (group, kind) = kind.split_once('/').filter(|(_, kind)| !kind.contains('/'))?;
            let (namespace, name) = name.split_once('/').filter(|(_, name)| !name.contains('/'))?;
            Some(Self { application: application.into(), key: ObjectKey::new(group, kind, namespace, name) })
        };
        parse().ok_or_else(|| TrackingError::Id { text: text.into() })
    }
}

/// `app:apps/Deployment:dev/web`
impl fmt::Display for TrackingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.key;
        write!(f, "{}:{}/{}:{}/{}", self.application, key.group, key.kind, key.namespace, key.name)
    }
}

/// How one application marks its objects.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Tracking {
    /// Name of the application, with its namespace where that is not the controller's (`namespace_name`).
    pub application: SmolStr,
    /// Where the mark is.
    pub method: TrackingMethod,
    /// The label, where it is not [`INSTANCE_LABEL`].
    pub label: Option<SmolStr>,
    /// The installation; empty where there is only one.
    pub installation_id: SmolStr,
    /// The destination namespace: ids of cluster-scoped objects carry it.
    pub namespace: SmolStr,
}

impl Tracking {
    /// The tracking of an application by annotation.
    pub fn by_annotation(application: impl Into<SmolStr>, namespace: impl Into<SmolStr>) -> Self {
        Self { application: application.into(), namespace: namespace.into(), ..Self::default() }
    }

    /// Marks an object as this application's.
    ///
    /// # Errors
    /// The application's name gives no label value.
    pub fn mark(&self, object: &mut Object) -> Result<(), TrackingError> {
        if self.method.has_annotation() {
            let mut key = object.key.clone();
            if key.namespace.is_empty() {
                key.namespace = self.namespace.clone();
            }
            let id = TrackingId { application: self.application.clone(), key };
            set(object, "annotations", TRACKING_ID, &id.to_string());
            if !self.installation_id.is_empty() {
                set(object, "annotations", INSTALLATION_ID, &self.installation_id);
            }
        }
        if self.method.has_label() {
            let value = truncate_label(&self.application)?;
            set(object, "labels", self.label.as_deref().unwrap_or(INSTANCE_LABEL), &value);
        }
        Ok(())
    }

    /// The application whose mark a live object carries.
    pub fn application_of(&self, live: &Object) -> Option<SmolStr> {
        if self.method.has_annotation() {
            let installation = live.annotation(INSTALLATION_ID).unwrap_or_default();
            return (installation == self.installation_id)
                .then(|| tracking_id(live))
                .flatten()
                .map(|id| id.application);
        }
        live.label(self.label.as_deref().unwrap_or(INSTANCE_LABEL)).map(SmolStr::from)
    }

    /// Whether a live object carries this application's mark, and the mark was written for this very object:
    /// only then may it be pruned.
    pub fn owns(&self, live: &Object) -> bool {
        let name = if self.method.has_annotation() {
            Some(self.application.clone())
        } else {
            truncate_label(&self.application).ok()
        };
        self.application_of(live).is_some_and(|found| Some(found) == name)
            && self.is_own_mark(Some(live), None)
    }

    /// Whether the mark of a live object was written for this object, and not copied from another one. With a
    /// target, the target says what the object should be: its API group may have been renamed.
    pub fn is_own_mark(&self, live: Option<&Object>, target: Option<&Object>) -> bool {
        let Some(live) = live.filter(|_| self.method.has_annotation()) else { return true };
        let stated = target.map(|target| target.key.clone()).or_else(|| tracking_id(live).map(|id| id.key));
        stated.is_none_or(|stated| {
            (live.key.namespace == stated.namespace || live.key.namespace.is_empty())
                && live.key.name == stated.name
                && live.key.group == stated.group
                && live.key.kind == stated.kind
        })
    }
}

fn tracking_id(live: &Object) -> Option<TrackingId> {
    live.annotation(TRACKING_ID)?.parse().ok()
}

fn set(object: &mut Object, map: &str, key: &str, value: &str) {
    object.root.set_at(&["metadata", map, key], Node::string(value));
}

/// A label value of at most 63 characters that ends with a letter or digit.
pub fn truncate_label(text: &str) -> Result<SmolStr, TrackingError> {
    if text.len() <= LABEL_LENGTH {
        return Ok(text.into());
    }
    let cut: String = text.chars().take(LABEL_LENGTH).collect();
    let value = cut.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    if value.is_empty() { Err(TrackingError::Label { text: text.into() }) } else { Ok(value.into()) }
}
