//! Helm charts: what `helm` is to be asked, and what becomes of its answer.
//!
//! Runs nothing. Pulling a chart and rendering it are asked for like all that is not in the tree; here is decided
//! which chart, with which values and flags, as kustomize v5.8.1 decides.

use super::error::RenderError;
use super::files::{self, Found};
use super::kustomization::{Chart, Text};
use super::metadata::Tracking;
use super::remote::RemoteSource;
use super::resource::Resource;
use super::resource_set::ResourceSet;
use super::session::{Session, Target};
use crate::diagnostic::Location;
use crate::kind::Schemas;
use crate::patch::{Outcome, strategic_merge};
use crate::tree::TreePath;
use crate::yaml::{self, Node};

/// Marks what a chart made, so that the field `namespace` of a kustomization leaves it alone.
pub(crate) const GENERATED: &str = "internal.config.kubernetes.io/helm-generated";
/// The directory of charts where a kustomization names none.
const DEFAULT_HOME: &str = "charts";

/// How charts are rendered: kustomize's `--enable-helm` and the flags that go with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct HelmOptions {
    /// `--helm-api-versions`, for charts that name none.
    pub api_versions: Vec<String>,
    /// `--helm-kube-version`, for charts that name none.
    pub kube_version: String,
    /// `--helm-debug`.
    pub debug: bool,
}

/// A chart that is not in the tree: `helm pull`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChartPull {
    /// The name.
    pub name: String,
    /// Where from: an `https://`, `http://` or `oci://` URL.
    pub repository: String,
    /// Which version; empty for the newest.
    pub version: String,
    /// Whether versions under development count.
    pub devel: bool,
}

impl ChartPull {
    /// The arguments of `helm` that put the chart into `directory`, as kustomize passes them.
    pub fn arguments(&self, directory: &str) -> Vec<String> {
        let mut arguments = vec!["pull", "--untar", "--untardir", directory];
        let oci = format!("{}/{}", self.repository.trim_end_matches('/'), self.name);
        if self.repository.starts_with("oci://") {
            arguments.push(&oci);
        } else {
            arguments.extend(["--repo", &self.repository, &self.name]);
        }
        if !self.version.is_empty() {
            arguments.extend(["--version", &self.version]);
        }
        arguments.extend(self.devel.then_some("--devel"));
        arguments.into_iter().map(str::to_owned).collect()
    }
}

/// A chart that is to be rendered: `helm template`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChartTemplate {
    /// The directory of the chart in the tree.
    pub chart: TreePath,
    /// The name of the release; empty for one that `helm` makes up.
    pub release_name: String,
    /// The namespace of the release; empty for that of `helm`.
    pub namespace: String,
    /// The template of the name of the release.
    pub name_template: String,
    /// The contents of the files of values, which may hold secrets.
    pub values: Vec<Vec<u8>>,
    /// The versions of APIs that the cluster is said to have.
    pub api_versions: Vec<String>,
    /// The version of Kubernetes that the cluster is said to have.
    pub kube_version: String,
    /// The flags at the end, in their order.
    pub flags: Vec<&'static str>,
}

impl std::fmt::Debug for ChartTemplate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ChartTemplate({})", self.chart)
    }
}

impl ChartTemplate {
    /// The arguments of `helm` that render the chart in the directory `chart` with the files `values`, as kustomize
    /// passes them.
    pub fn arguments(&self, chart: &str, values: &[String]) -> Vec<String> {
        let release = if self.release_name.is_empty() { "--generate-name" } else { &self.release_name };
        let mut arguments = vec!["template", release, chart];
        for (flag, value) in [("--namespace", &self.namespace), ("--name-template", &self.name_template)] {
            if !value.is_empty() {
                arguments.extend([flag, value]);
            }
        }
        for (flag, list) in [("-f", values), ("--api-versions", &self.api_versions)] {
            for value in list {
                arguments.extend([flag, value]);
            }
        }
        if !self.kube_version.is_empty() {
            arguments.extend(["--kube-version", &self.kube_version]);
        }
        arguments.extend(&self.flags);
        arguments.into_iter().map(str::to_owned).collect()
    }
}

/// The namespace that charts of `target` get from it and from those that include it.
pub(crate) fn namespace_of(target: &Target<'_>) -> Option<Text> {
    let mut targets = std::iter::successors(Some(target), |target| target.parent);
    let found = targets.find(|target| !target.kustomization.transforms.namespace.is_empty())?;
    Some(found.kustomization.transforms.namespace.clone())
}

/// Adds the objects of the charts of `target` to `set`.
pub(crate) fn run(
    session: &mut Session<'_>,
    target: &Target<'_>,
    set: &mut ResourceSet,
) -> Result<(), RenderError> {
    for chart in &target.kustomization.charts.charts {
        let mut chart = chart.clone();
        if chart.namespace.is_empty() {
            chart.namespace = namespace_of(target).unwrap_or_default();
        }
        let mut resources = inflate(session, target, &target.kustomization.charts.home, &chart)?;
        if session.tracks {
            for resource in &mut resources {
                resource.tracking = Some(Tracking::from(target.source("HelmChartInflationGenerator")));
            }
        }
        set.append_all(resources, &session.files)?;
    }
    Ok(())
}

/// The objects of `chart`, whose home is `home`.
pub(crate) fn inflate(
    session: &mut Session<'_>,
    target: &Target<'_>,
    home: &Text,
    chart: &Chart,
) -> Result<Vec<Resource>, RenderError> {
    let at = target.at(chart.origin);
    let Some(options) = session.files.helm().cloned() else {
        return Err(RenderError::HelmDisabled { at });
    };
    check(target, chart)?;
    let place = Place::find(session, target, home, chart)?;
    let values = place.values(session, target, chart)?;
    let texts = |texts: &[Text]| texts.iter().map(|text| text.value.to_string()).collect::<Vec<_>>();
    let api_versions =
        if chart.api_versions.is_empty() { options.api_versions } else { texts(&chart.api_versions) };
    let kube_version = if chart.kube_version.is_empty() {
        options.kube_version
    } else {
        chart.kube_version.value.to_string()
    };
    let flags = [
        (chart.include_crds, "--include-crds"),
        (chart.skip_tests, "--skip-tests"),
        (chart.skip_hooks, "--no-hooks"),
        (chart.debug || options.debug, "--debug"),
        (chart.devel, "--devel"),
    ];
    let template = ChartTemplate {
        chart: place.chart.clone(),
        release_name: chart.release_name.value.to_string(),
        namespace: chart.namespace.value.to_string(),
        name_template: chart.name_template.value.to_string(),
        values,
        api_versions,
        kube_version,
        flags: flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| flag).collect(),
    };
    let rendered = session.files.mounted(RemoteSource::Template(template), &at)?;
    session.files.note_below(&place.chart);
    let file = session.files.text_at(&rendered, &at)?;
    session.effort.take_bytes(file.text.len(), &at)?;
    let mut resources = session.files.parsed.manifests(&file)?;
    session.effort.take_resources(resources.len(), &at)?;
    for resource in &mut resources {
        resource.root.set_at(&["metadata", "annotations", GENERATED], Node::string("true"));
    }
    Ok(resources)
}

/// Refuses what kustomize refuses, and what `helm` would take for a flag.
fn check(target: &Target<'_>, chart: &Chart) -> Result<(), RenderError> {
    if chart.name.is_empty() {
        return Err(target.invalid(chart.origin, "the chart has no `name`"));
    }
    if let Some(text) =
        [&chart.name, &chart.release_name].into_iter().find(|text| text.as_str().starts_with('-'))
    {
        return Err(target.invalid(text.origin, "a name must not start with `-`"));
    }
    if !matches!(chart.values_merge.as_str(), "" | "override" | "merge" | "replace") {
        return Err(target
            .invalid(chart.values_merge.origin, "`valuesMerge` must be `override`, `merge` or `replace`"));
    }
    Ok(())
}

/// Where a chart is.
struct Place {
    /// The directory of the chart.
    chart: TreePath,
    /// The directory that it would have in its home, as an entry of the kustomization would name it.
    entry: String,
    /// Whether it was pulled.
    is_pulled: bool,
}

impl Place {
    fn find(
        session: &mut Session<'_>,
        target: &Target<'_>,
        home: &Text,
        chart: &Chart,
    ) -> Result<Self, RenderError> {
        let at = target.at(chart.origin);
        let home = if home.is_empty() { DEFAULT_HOME } else { home.as_str() };
        let name = chart.name.as_str();
        let entry = if chart.version.is_empty() || chart.repository.is_empty() {
            format!("{home}/{name}")
        } else {
            format!("{home}/{name}-{}/{name}", chart.version.value)
        };
        let path = files::join(&target.directory, &entry, &at)?;
        if let Found::Directory(real) = session.files.find(&path)? {
            return Ok(Self { chart: real, entry, is_pulled: false });
        }
        if chart.repository.is_empty() {
            let message = format!("there is no chart at `{entry}`, and no `repo` to pull it from");
            return Err(target.invalid(chart.origin, message));
        }
        let pull = ChartPull {
            name: name.to_owned(),
            repository: chart.repository.value.to_string(),
            version: chart.version.value.to_string(),
            devel: chart.devel,
        };
        let mount = session.files.mounted(RemoteSource::Chart(pull), &at)?;
        let chart = mount.join(name).unwrap_or(mount);
        Ok(Self { chart, entry, is_pulled: true })
    }

    /// The files of values, in the order in which `helm` reads them.
    fn values(
        &self,
        session: &mut Session<'_>,
        target: &Target<'_>,
        chart: &Chart,
    ) -> Result<Vec<Vec<u8>>, RenderError> {
        let at = target.at(chart.origin);
        let mut additional = vec![];
        for file in &chart.additional_values_files {
            let (_, content) =
                session.files.bytes(&target.directory, file.as_str(), &target.at(file.origin))?;
            additional.push(content.to_vec());
        }
        let own = |session: &mut Session<'_>| self.own_values(session, target, chart);
        let first = match (&chart.values_inline, chart.values_merge.as_str()) {
            (None, _) => own(session)?,
            (Some(inline), "replace") => json(inline, &at)?,
            (Some(inline), how) => {
                let file = own(session)?;
                let text = String::from_utf8_lossy(&file);
                let file = yaml::read_one(&self.entry, &text)?;
                let (below, above) = if how == "merge" { (inline, &file) } else { (&file, inline) };
                json(&merged(below, above, &at)?, &at)?
            }
        };
        additional.insert(0, first);
        Ok(additional)
    }

    /// The file that `valuesFile` names, else that of the chart.
    fn own_values(
        &self,
        session: &mut Session<'_>,
        target: &Target<'_>,
        chart: &Chart,
    ) -> Result<Vec<u8>, RenderError> {
        let default = format!("{}/values.yaml", self.entry);
        let (entry, at) = if chart.values_file.is_empty() {
            (default.as_str(), target.at(chart.origin))
        } else {
            (chart.values_file.as_str(), target.at(chart.values_file.origin))
        };
        // A chart that was pulled lies where it would lie after a pull of kustomize.
        let home = TreePath::parse(&self.entry).ok();
        let inside = home.zip(TreePath::parse(entry).ok()).filter(|_| self.is_pulled);
        if let Some((home, path)) = inside
            && path.is_within(&home)
        {
            let rest = path.as_str().get(home.as_str().len()..).unwrap_or_default();
            let (_, content) = session.files.bytes(&self.chart, rest.trim_start_matches('/'), &at)?;
            return Ok(content.to_vec());
        }
        let (_, content) = session.files.bytes(&target.directory, entry, &at)?;
        Ok(content.to_vec())
    }
}

/// Values over values, by the rules of a strategic merge without a schema.
fn merged(below: &Node, above: &Node, at: &Location) -> Result<Node, RenderError> {
    // Without the quotes of what was there: a number in the place of a text in quotes stays a number.
    let plain = |node: &Node| {
        let json = node
            .to_json()
            .map_err(|error| RenderError::Invalid { at: at.clone(), message: error.to_string() });
        json.map(|json| Node::from_json(&json))
    };
    let (mut values, above) = (plain(below)?, plain(above)?);
    let outcome = strategic_merge(&mut values, &above, &Schemas::built_in(), None)
        .map_err(|source| RenderError::Patch { at: at.clone(), object: None, source: Box::new(source) })?;
    match outcome {
        Outcome::Merged => Ok(values),
        Outcome::Deleted => Ok(Node::mapping::<&str>([])),
    }
}

fn json(values: &Node, at: &Location) -> Result<Vec<u8>, RenderError> {
    let invalid = |error: String| RenderError::Invalid { at: at.clone(), message: error };
    let json = values.to_json().map_err(|error| invalid(error.to_string()))?;
    serde_json::to_vec(&json).map_err(|error| invalid(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_those_of_kustomize() {
        let template = ChartTemplate {
            chart: TreePath::root(),
            release_name: "r".to_owned(),
            namespace: "n".to_owned(),
            name_template: "t".to_owned(),
            values: vec![],
            api_versions: vec!["a/v1".to_owned(), "b/v1".to_owned()],
            kube_version: "1.30".to_owned(),
            flags: vec!["--include-crds", "--devel"],
        };
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            template.arguments("/c", &words("/v /w")),
            words(
                "template r /c --namespace n --name-template t -f /v -f /w --api-versions a/v1 --api-versions b/v1 --kube-version 1.30 --include-crds --devel"
            )
        );
        let pull = |repository: &str, version: &str| {
            let (name, devel) = ("x".to_owned(), !version.is_empty());
            ChartPull { name, repository: repository.to_owned(), version: version.to_owned(), devel }
                .arguments("/d")
        };
        assert_eq!(pull("https://h", ""), words("pull --untar --untardir /d --repo https://h x"));
        assert_eq!(
            pull("oci://h/c/", "1"),
            words("pull --untar --untardir /d oci://h/c/x --version 1 --devel")
        );
    }
}
