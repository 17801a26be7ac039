//! The rules for entries of kustomization files.

use crate::diagnostic::{Rule, Severity};

/// The rules, in the order of their codes.
pub(in crate::lint) const RULES: &[Rule] = &[
    UNQUOTED_TAG,
    DIGEST_BESIDE_TAG,
    TAG_SUFFIX,
    IMAGE_WITHOUT_MATCH,
    PATCH_WITHOUT_MATCH,
    PATCH_WITHOUT_CHANGE,
    REPLACEMENT_WITHOUT_MATCH,
    REPLACEMENT_WITHOUT_CHANGE,
    UNKNOWN_VALUE,
    DEPRECATED_FIELD,
    LABELS_IN_SELECTORS,
    SECOND_DOCUMENT,
    REPEATED_KEY,
    LISTED_TWICE,
    AFFIX_TWICE,
    NAMESPACE_OVERRIDDEN,
    SECRET_IN_GIT,
    NOT_BUILT,
];

pub(super) const UNQUOTED_TAG: Rule = Rule {
    code: "GK001",
    name: "unquoted-tag",
    severity: Severity::Error,
    summary: "a tag or name of an image is a number or a boolean for YAML",
    explanation: "A short commit id such as `1234567`, `12e4567` or `0123456` is an integer, a float or an octal \
                  number for YAML. kustomize refuses it; other tools write another tag than the one that was meant.",
    hint: "put the value in quotes",
};

pub(super) const DIGEST_BESIDE_TAG: Rule = Rule {
    code: "GK002",
    name: "digest-beside-tag",
    severity: Severity::Warning,
    summary: "an entry of `images` has both `newTag` and `digest`",
    explanation: "kustomize writes `name:tag@digest`. The digest alone decides what is pulled, so that a tool or a \
                  person who changes the tag changes nothing that runs.",
    hint: "take the digest out, or change both together",
};

pub(super) const TAG_SUFFIX: Rule = Rule {
    code: "GK003",
    name: "tag-suffix",
    severity: Severity::Warning,
    summary: "`tagSuffix` does nothing, or is added twice",
    explanation: "kustomize ignores `tagSuffix` beside `newTag` or `digest`, and adds it twice to the images of a Pod.",
    hint: "write the whole tag in `newTag`",
};

pub(super) const IMAGE_WITHOUT_MATCH: Rule = Rule {
    code: "GK004",
    name: "image-without-match",
    severity: Severity::Warning,
    summary: "an entry of `images` matches no container",
    explanation: "kustomize says nothing when no image has the name. The name must be the whole reference without \
                  its tag, registry included, as it stands in the manifests when the entry is applied.",
    hint: "write the name as the manifests have it, or take the entry out",
};

pub(super) const PATCH_WITHOUT_MATCH: Rule = Rule {
    code: "GK005",
    name: "patch-without-match",
    severity: Severity::Warning,
    summary: "the target of a patch matches no resource",
    explanation: "With a `target`, kustomize says nothing when it matches nothing. Each field of a target is a \
                  regular expression that must match the whole value.",
    hint: "mend the target, or take the patch out",
};

pub(super) const PATCH_WITHOUT_CHANGE: Rule = Rule {
    code: "GK006",
    name: "patch-without-change",
    severity: Severity::Warning,
    summary: "a patch changes nothing",
    explanation: "What the patch says is there already, or kustomize drops it silently: a port with `protocol` \
                  neither merges with one without it nor is added, and an empty list changes nothing.",
    hint: "take the patch out, or compare its fields with those of the resource",
};

pub(super) const REPLACEMENT_WITHOUT_MATCH: Rule = Rule {
    code: "GK007",
    name: "replacement-without-match",
    severity: Severity::Warning,
    summary: "a target of a replacement matches no resource",
    explanation: "kustomize says nothing when no resource matches `select`, and the value is copied nowhere.",
    hint: "mend `select`, or take the target out",
};

pub(super) const REPLACEMENT_WITHOUT_CHANGE: Rule = Rule {
    code: "GK008",
    name: "replacement-without-change",
    severity: Severity::Note,
    summary: "a replacement sets what is there already",
    explanation: "The fields have the value before the replacement runs. It may be there to keep them alike.",
    hint: "take it out if it is not needed",
};

pub(super) const UNKNOWN_VALUE: Rule = Rule {
    code: "GK009",
    name: "unknown-value",
    severity: Severity::Warning,
    summary: "a field has a value that kustomize does not know and passes over",
    explanation: "`behavior` takes `create`, `merge` and `replace`; anything else creates. `buildMetadata` takes \
                  `managedByLabel`, `originAnnotations` and `transformerAnnotations`; anything else does nothing.",
    hint: "write one of the values that kustomize knows",
};

pub(super) const DEPRECATED_FIELD: Rule = Rule {
    code: "GK010",
    name: "deprecated-field",
    severity: Severity::Warning,
    summary: "a kustomization uses a deprecated field",
    explanation: "`bases`, `commonLabels`, `imageTags`, `patchesJson6902`, `patchesStrategicMerge` and `vars` will \
                  not be read by later versions of kustomize.",
    hint: "`kustomize edit fix` moves the entries to the field to use",
};

pub(super) const LABELS_IN_SELECTORS: Rule = Rule {
    code: "GK011",
    name: "labels-in-selectors",
    severity: Severity::Note,
    summary: "labels are written into selectors, which cannot change later",
    explanation: "`commonLabels`, and `labels` with `includeSelectors`, change `spec.selector` of Deployments, \
                  StatefulSets and DaemonSets. The API server refuses to change it on an object that exists, and \
                  so every later change of the pairs.",
    hint: "use `labels` with `includeTemplates` for labels that may change",
};

pub(super) const SECOND_DOCUMENT: Rule = Rule {
    code: "GK012",
    name: "second-document",
    severity: Severity::Warning,
    summary: "a kustomization file has a second document",
    explanation: "kustomize reads the first document and passes over the others in silence.",
    hint: "merge the documents into one",
};

pub(super) const REPEATED_KEY: Rule = Rule {
    code: "GK013",
    name: "repeated-key",
    severity: Severity::Warning,
    summary: "a key is there twice in a kustomization",
    explanation: "kustomize takes the last and drops what the others say, with all the entries below them.",
    hint: "merge the two into one",
};

pub(super) const LISTED_TWICE: Rule = Rule {
    code: "GK014",
    name: "listed-twice",
    severity: Severity::Warning,
    summary: "a component or a patch is listed twice",
    explanation: "kustomize applies it twice, which a JSON patch that adds to a list or a component with a prefix shows.",
    hint: "take one of the two out",
};

pub(super) const AFFIX_TWICE: Rule = Rule {
    code: "GK015",
    name: "affix-twice",
    severity: Severity::Warning,
    summary: "two kustomizations add the same prefix or suffix to a name",
    explanation: "A base and an overlay that both say `namePrefix: dev-` make `dev-dev-app`.",
    hint: "set it in one place",
};

pub(super) const NAMESPACE_OVERRIDDEN: Rule = Rule {
    code: "GK016",
    name: "namespace-overridden",
    severity: Severity::Note,
    summary: "`namespace` replaces another namespace that a manifest says itself",
    explanation: "`namespace` sets every namespaced resource, one that was meant for another namespace too, such as \
                  a RoleBinding in `kube-system`.",
    hint: "take the namespace out of the manifest, or the resource out of this kustomization",
};

pub(super) const SECRET_IN_GIT: Rule = Rule {
    code: "GK019",
    name: "secret-in-git",
    severity: Severity::Warning,
    summary: "a secret stands in a kustomization in plain text",
    explanation: "Whoever reads the repository, or any clone of it, reads the literals of `secretGenerator`.",
    hint: "keep it in a store of secrets, and name it by an ExternalSecret or a sealed one",
};

pub(super) const NOT_BUILT: Rule = Rule {
    code: "GK020",
    name: "not-built",
    severity: Severity::Error,
    summary: "a kustomization does not build",
    explanation: "`gitops build` ends with this error. Rules that need the rendered objects were not looked at.",
    hint: "mend it and look again",
};
