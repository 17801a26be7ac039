use super::*;
use crate::api::app_project::AppProject;
use crate::api::application::Application;
use crate::kustomize::Rendered;
use crate::yaml;

fn rendered(text: &str) -> Rendered {
    let documents = yaml::read("a.yaml", text).unwrap();
    let object = |document: yaml::Document| Object::new(document.root, Location::file("a.yaml"));
    Rendered { objects: documents.into_iter().map(object).collect(), ..Rendered::default() }
}

fn application(spec: &str) -> Application {
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\nspec:\n  \
         source: {{repoURL: https://example.com/r.git, path: a}}\n  \
         destination: {{server: https://kubernetes.default.svc, namespace: web}}\n{spec}"
    );
    let root = yaml::read_one("app.yaml", &text).unwrap();
    Application::from_node(&root, &Location::file("app.yaml")).unwrap()
}

fn changes(before: &str, after: &str, removal: &RemovalPolicy<'_>) -> Vec<ObjectChange> {
    let schemas = Schemas::built_in();
    let (before, after) = (rendered(before), rendered(after));
    let before = Deployed::new(&[&before], "web", &[], &schemas);
    let after = Deployed::new(&[&after], "web", &[], &schemas);
    compare(&before, &after, removal, &schemas)
}

fn config(name: &str, value: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{a: {value}}}\n")
}

#[test]
fn what_is_written_in_another_way_is_no_change() {
    let policy = RemovalPolicy::Unknown;
    assert!(changes(&config("a", "b"), &config("a", "'b'"), &policy).is_empty());
    let data = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {k: YQ==}\n";
    let text = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {k: a}\n";
    assert!(changes(data, text, &policy).is_empty());
    let found = changes(data, &text.replace("k: a", "k: hunter2"), &policy);
    assert_eq!(found.len(), 1);
    assert!(!format!("{found:?}").contains("hunter2"));
    assert!(!format!("{found:?}").contains("aHVudGVyMg=="));
}

#[test]
fn an_object_without_a_namespace_goes_to_that_of_the_destination() {
    let written = config("a", "b").replace("{name: a}", "{name: a, namespace: web}");
    assert!(changes(&config("a", "b"), &written, &RemovalPolicy::Unknown).is_empty());
}

#[test]
fn options_decide_over_what_leaves() {
    let automated = application("  syncPolicy: {automated: {prune: true}}\n");
    let manual = application("");
    let option = "  syncPolicy: {automated: {prune: true}, syncOptions: [Prune=false]}\n";
    let (kept, mut cascading) = (application(option), application(""));
    cascading.metadata.finalizers = vec![crate::api::application::RESOURCES_FINALIZER.into()];
    let with = |annotation: &str| {
        config("a", "b").replace("{name: a}", &format!("{{name: a, annotations: {{{annotation}}}}}"))
    };
    let options = |value: &str| with(&format!("argocd.argoproj.io/sync-options: {value}"));
    let cases = [
        (config("a", "b"), RemovalPolicy::Unknown, RemovalOutcome::Leaves),
        (config("a", "b"), RemovalPolicy::Prune(&automated), RemovalOutcome::Pruned),
        (config("a", "b"), RemovalPolicy::Prune(&manual), RemovalOutcome::PrunedOnRequest),
        (config("a", "b"), RemovalPolicy::Prune(&kept), RemovalOutcome::KeptByPruneOption),
        (options("Prune=false"), RemovalPolicy::Prune(&automated), RemovalOutcome::KeptByPruneOption),
        (options("Prune=confirm"), RemovalPolicy::Prune(&automated), RemovalOutcome::WaitsForConfirmation),
        (with("argocd.argoproj.io/hook: PreSync"), RemovalPolicy::Prune(&automated), RemovalOutcome::NotKept),
        (config("a", "b"), RemovalPolicy::Delete(&manual), RemovalOutcome::LeftBehind),
        (config("a", "b"), RemovalPolicy::Delete(&cascading), RemovalOutcome::DeletedWithApplication),
        (options("Delete=false"), RemovalPolicy::Delete(&cascading), RemovalOutcome::KeptByDeleteOption),
        (options("Delete=confirm"), RemovalPolicy::Delete(&cascading), RemovalOutcome::WaitsForConfirmation),
    ];
    for (before, policy, outcome) in cases {
        let found = changes(&before, "", &policy);
        let effects: Vec<_> = found.into_iter().map(|change| change.effect).collect();
        assert_eq!(effects, [Effect::Remove(outcome)], "{before}");
    }
}

#[test]
fn the_same_change_is_one_group() {
    let policy = RemovalPolicy::Unknown;
    let of = |from: &str, to: &str| changes(&config("a", from), &config("a", to), &policy);
    let other_name = changes(&config("b", "1"), &config("b", "2"), &policy);
    let new = changes("", &config("a", "2"), &policy);
    let all = [of("1", "2"), new, of("1", "2"), of("1", "3"), other_name];
    assert_eq!(group(&all), [vec![0, 2], vec![1], vec![3], vec![4]]);
}

#[test]
fn images_are_paired() {
    let pod = |image: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{containers: [{{name: c, image: '{image}'}}]}}\n"
        )
    };
    let found = image_changes(&changes(&pod("web:1"), &pod("web:2"), &RemovalPolicy::Unknown));
    assert_eq!(found, [ImageChange { before: "web:1".to_owned(), after: "web:2".to_owned() }]);
}

fn project(spec: &str) -> AppProject {
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {{name: team}}\nspec: {spec}\n"
    );
    let root = yaml::read_one("p.yaml", &text).unwrap();
    AppProject::from_node(&root, &Location::file("p.yaml")).unwrap()
}

fn projects<'a>(before: Option<&'a AppProject>, after: Option<&'a AppProject>) -> Projects<'a> {
    let named =
        |project: Option<&'a AppProject>| project.map(|project| ("team", project)).into_iter().collect();
    Projects { before: named(before), after: named(after) }
}

#[test]
fn the_project_before_judges() {
    let schemas = Schemas::built_in();
    let render =
        rendered("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: a}\n");
    let deployed = Deployed::new(&[&render], "web", &[], &schemas);
    let app = application("  project: team\n");
    let subject = Subject { application: &app, deployed: &deployed };
    let narrow = project("{sourceRepos: ['*'], destinations: [{server: '*', namespace: '*'}]}");
    let mut wide = narrow.clone();
    wide.spec.resources = initial_default_project().spec.resources;
    let widened = judge(None, subject, &projects(Some(&narrow), Some(&wide)));
    assert_eq!(widened.refusals.len(), 1, "{widened:?}");
    assert!(widened.refusals[0].hint.contains("widens the project"), "{widened:?}");
    assert!(!widened.refusals[0].is_standing);
    let standing = judge(Some(subject), subject, &projects(Some(&narrow), Some(&narrow)));
    assert!(standing.refusals[0].is_standing, "{standing:?}");
    assert_eq!(judge(None, subject, &projects(Some(&wide), Some(&narrow))), Verdict::default());
    assert_eq!(judge(None, subject, &projects(None, Some(&wide))).refusals.len(), 1, "it does not exist yet");
    assert_eq!(judge(None, subject, &projects(None, None)).open.len(), 1);
}

#[test]
fn the_initial_project_permits_all() {
    let schemas = Schemas::built_in();
    let render = rendered(
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\napiVersion: example.com/v1\nkind: Odd\nmetadata: {name: b}\n",
    );
    let deployed = Deployed::new(&[&render], "web", &[], &schemas);
    let mut app = application("");
    app.metadata.namespace = "argocd".into();
    let verdict = judge(None, Subject { application: &app, deployed: &deployed }, &Projects::default());
    assert_eq!(verdict, Verdict::default());
}
