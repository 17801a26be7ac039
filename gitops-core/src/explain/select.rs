//! Which object of a render people mean by `KIND/NAME`.

use super::Subject;
use crate::diagnostic::closest;
use crate::kustomize::Rendered;
use crate::object::ObjectKey;

/// What people call an object: `KIND/NAME`, `KIND.GROUP/NAME` or `NAMESPACE/KIND/NAME`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ObjectName {
    /// The kind in any case, or kubectl's short name of it.
    pub kind: String,
    /// The API group; `None` for any.
    pub group: Option<String>,
    /// The namespace; `None` for any.
    pub namespace: Option<String>,
    /// The name, now or before prefixes, suffixes and hashes.
    pub name: String,
}

/// Why a text does not name one object.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// The text is not of the form.
    #[error("`{0}` is not the name of an object")]
    Malformed(String),
    /// No object is called so.
    #[error("nothing that is built is called `{name}`")]
    Unknown {
        /// The name.
        name: String,
        /// The object whose name reads most like it.
        similar: Option<String>,
    },
    /// Several objects are called so.
    #[error("`{name}` may mean each of {}", .candidates.join(", "))]
    Ambiguous {
        /// The name.
        name: String,
        /// Those that it may mean, each as a name that means it alone.
        candidates: Vec<String>,
    },
}

impl SelectError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Malformed(_) => Some("write KIND/NAME, as in `Deployment/myapp`".to_owned()),
            Self::Unknown { similar, .. } => similar.as_ref().map(|name| format!("did you mean `{name}`?")),
            Self::Ambiguous { .. } => Some("add the group or the namespace: `-n NAMESPACE`".to_owned()),
        }
    }
}

/// kubectl's short names of kinds.
const SHORT_NAMES: &[(&str, &str)] = &[
    ("cm", "ConfigMap"),
    ("crd", "CustomResourceDefinition"),
    ("cj", "CronJob"),
    ("deploy", "Deployment"),
    ("ds", "DaemonSet"),
    ("hpa", "HorizontalPodAutoscaler"),
    ("ing", "Ingress"),
    ("netpol", "NetworkPolicy"),
    ("ns", "Namespace"),
    ("pdb", "PodDisruptionBudget"),
    ("po", "Pod"),
    ("pv", "PersistentVolume"),
    ("pvc", "PersistentVolumeClaim"),
    ("quota", "ResourceQuota"),
    ("ro", "Rollout"),
    ("rs", "ReplicaSet"),
    ("sa", "ServiceAccount"),
    ("sts", "StatefulSet"),
    ("svc", "Service"),
];

impl ObjectName {
    /// Reads `KIND/NAME`, `KIND.GROUP/NAME` or `NAMESPACE/KIND/NAME`.
    pub fn parse(text: &str) -> Result<Self, SelectError> {
        let malformed = || SelectError::Malformed(text.to_owned());
        let parts: Vec<&str> = text.split('/').collect();
        let (namespace, kind, name) = match parts.as_slice() {
            [kind, name] => (None, *kind, *name),
            [namespace, kind, name] => (Some(*namespace), *kind, *name),
            _ => return Err(malformed()),
        };
        let (kind, group) = kind.split_once('.').map_or((kind, None), |(kind, group)| (kind, Some(group)));
        if kind.is_empty() || name.is_empty() {
            return Err(malformed());
        }
        Ok(Self {
            kind: kind.to_owned(),
            group: group.map(str::to_owned),
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
        })
    }

    fn is_kind(&self, kind: &str) -> bool {
        let short = SHORT_NAMES.iter().find(|(short, _)| self.kind.eq_ignore_ascii_case(short));
        let plural = || self.kind.strip_suffix(['s', 'S']).is_some_and(|one| one.eq_ignore_ascii_case(kind));
        short.is_some_and(|(_, whole)| *whole == kind) || self.kind.eq_ignore_ascii_case(kind) || plural()
    }

    /// Whether kind, group and namespace are those of `key`.
    fn fits(&self, key: &ObjectKey) -> bool {
        let namespace =
            |wanted: &str| wanted == key.namespace || wanted == "default" && key.namespace.is_empty();
        self.is_kind(&key.kind)
            && self.group.as_deref().is_none_or(|group| group == key.group)
            && self.namespace.as_deref().is_none_or(namespace)
    }
}

impl std::fmt::Display for ObjectName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}/")?;
        }
        write!(f, "{}", self.kind)?;
        if let Some(group) = &self.group {
            write!(f, ".{group}")?;
        }
        write!(f, "/{}", self.name)
    }
}

/// The one object that `name` means. What is in the output goes before what was dropped, and what an object is
/// called before what it was called.
pub(super) fn find<'a>(rendered: &'a Rendered, name: &ObjectName) -> Result<Subject<'a>, SelectError> {
    let fitting: Vec<Subject<'a>> = Subject::all(rendered).filter(|subject| name.fits(subject.key)).collect();
    let is_now = |subject: &&Subject<'a>| subject.key.name == name.name;
    let was = |subject: &&Subject<'a>| subject.former_names.iter().any(|former| *former == name.name);
    for dropped in [false, true] {
        let fitting = || fitting.iter().filter(move |subject| subject.dropped.is_some() == dropped);
        for found in [fitting().filter(is_now).collect::<Vec<_>>(), fitting().filter(was).collect()] {
            match found.as_slice() {
                [] => {}
                [one] => return Ok(**one),
                many => return Err(ambiguous(name, many)),
            }
        }
    }
    let known: Vec<String> =
        Subject::all(rendered).map(|s| format!("{}/{}", s.key.kind, s.key.name)).collect();
    let wanted = format!("{}/{}", name.kind, name.name);
    let similar = closest(&wanted, known.iter().map(String::as_str)).map(str::to_owned);
    Err(SelectError::Unknown { name: name.to_string(), similar })
}

fn ambiguous(name: &ObjectName, many: &[&Subject<'_>]) -> SelectError {
    let whole = |subject: &&Subject<'_>| {
        let key = subject.key;
        let of = |part: &str| Some(part.to_owned()).filter(|part| !part.is_empty());
        let (group, namespace) = (of(&key.group), of(&key.namespace));
        format!(
            "`{}`",
            ObjectName { kind: key.kind.to_string(), group, namespace, name: key.name.to_string() }
        )
    };
    SelectError::Ambiguous { name: name.to_string(), candidates: many.iter().map(whole).collect() }
}
