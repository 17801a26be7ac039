//! `gitops build --all`, `gitops affected` and `gitops plan` as processes, on real Git repositories.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod plan;
mod project;

use std::fs;

use project::Project;

/// Two overlays of one base with a component, an overlay by itself, and an Application for each overlay of the
/// base.
fn example() -> Project {
    let this = Project::new();
    let overlay =
        |name: &str| format!("resources: [../../base]\nnamePrefix: {name}-\ncomponents: [../../component]\n");
    this.write("base/kustomization.yaml", "resources: [web.yaml]\n");
    this.write("base/web.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: b}\n");
    let component =
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nlabels: [{pairs: {team: web}}]\n";
    this.write("component/kustomization.yaml", component);
    this.write("overlays/dev/kustomization.yaml", &overlay("dev"));
    this.write("overlays/prod/kustomization.yaml", &overlay("prod"));
    this.write("overlays/own/kustomization.yaml", "resources: [own.yaml]\n");
    this.write("overlays/own/own.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\n");
    for name in ["dev", "prod"] {
        this.write(&format!("apps/{name}.yaml"), &application(name));
    }
    this.commit();
    this
}

fn application(name: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: app-{name}, namespace: argocd}}\nspec:\n  \
         project: default\n  source: {{repoURL: https://example.com/repo.git, path: overlays/{name}}}\n  destination: \
         {{server: https://kubernetes.default.svc, namespace: {name}}}\n"
    )
}

#[test]
fn all_roots_are_built_in_one_stream() {
    let repository = example();
    insta::assert_snapshot!(repository.told(&["build", "--all"]));
    let below = repository.told(&["build", "--all", "overlays/own"]);
    assert_eq!(
        below, "0\n# Source: overlays/own\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: own\n",
        "a directory narrows it"
    );
}

#[test]
fn each_root_of_a_stream_is_what_build_prints() {
    let repository = example();
    let stream = String::from_utf8(repository.run(&["build", "--all"]).stdout).unwrap();
    for part in stream.split("# Source: ").skip(1) {
        let (path, text) = part.split_once('\n').unwrap();
        let alone = String::from_utf8(repository.run(&["build", path]).stdout).unwrap();
        assert_eq!(text.trim_end_matches("---\n"), alone, "{path}");
    }
}

#[test]
fn a_revision_is_built_without_a_checkout() {
    let repository = example();
    let before = repository.told(&["build", "--all"]);
    repository.write("overlays/own/own.yaml", "not: [yaml");
    repository.write("overlays/new/kustomization.yaml", "resources: [../../base]\n");
    assert_eq!(repository.told(&["build", "--all", "--at", "HEAD"]), before);
    repository.commit();
    assert_eq!(repository.told(&["build", "--all", "--at", "HEAD~1"]), before);
}

#[test]
fn every_failure_is_told_and_nothing_is_written() {
    let repository = example();
    repository.write("overlays/own/kustomization.yaml", "resources: [absent.yaml]\n");
    repository.write("overlays/circle/kustomization.yaml", "resources: [in]\n");
    repository.write("overlays/circle/in/kustomization.yaml", "resources: [..]\n");
    repository.write("base/web.yaml", "kind: ConfigMap\n");
    insta::assert_snapshot!(repository.told(&["build", "--all"]));
    repository.told(&["build", "--all", "-o", "out"]);
    assert!(!repository.folder.path().join("out").exists());
    let json = repository.run(&["build", "--all", "-o", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let items = json["items"].as_array().unwrap();
    assert!(items.iter().all(|item| item["error"]["message"].is_string()), "{json}");
    assert_eq!(items.len(), 5);
}

#[test]
fn a_directory_gets_a_file_for_each_root() {
    let repository = example();
    let told = repository.told(&["build", "--all", "-o", "out"]);
    assert_eq!(told, "0\n");
    let file = repository.folder.path().join("out/overlays/dev/manifests.yaml");
    let alone = repository.run(&["build", "overlays/dev"]).stdout;
    assert_eq!(fs::read(file).unwrap(), alone);
    let mut names: Vec<_> = fs::read_dir(repository.folder.path().join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["overlays"], "nothing is left aside");
}

#[test]
fn a_change_affects_what_reads_it() {
    let repository = example();
    repository.write(
        "overlays/dev/kustomization.yaml",
        "# only a comment\nresources: [../../base]\nnamePrefix: dev-\ncomponents: [../../component]\n",
    );
    repository.commit();
    insta::assert_snapshot!(repository.told(&["affected", "HEAD~1..HEAD"]));
    let rendered = repository.told(&["affected", "HEAD~1..HEAD", "--rendered", "-o", "name"]);
    assert_eq!(rendered, "0\n", "the render is the same");
    repository
        .write("base/web.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: c}\n");
    repository.commit();
    let names = |arguments: &[&str]| repository.told(&[&["affected"], arguments].concat());
    assert_eq!(names(&["HEAD~1", "-o", "name", "--rendered"]), "0\noverlays/dev\noverlays/prod\n");
    assert_eq!(names(&["HEAD~1", "overlays/prod", "-o", "name"]), "0\noverlays/prod\n");
    let applications = "application.argoproj.io/app-dev\napplication.argoproj.io/app-prod\n";
    assert_eq!(names(&["HEAD~1", "--kind", "application", "-o", "name"]), format!("0\n{applications}"));
    assert_eq!(names(&["HEAD..HEAD", "-o", "name", "--exit-code"]), "0\n");
    assert!(names(&["HEAD~1", "-o", "name", "--exit-code"]).starts_with("1\n"));
}

#[test]
fn kustomizations_that_come_go_break_and_mend_are_told_apart() {
    let repository = example();
    repository.write("overlays/ill/kustomization.yaml", "resources: [absent.yaml]\n");
    repository.commit();
    // A second name of the file beside the first one: nothing that was read has changed, but an absence has.
    repository.write("overlays/dev/kustomization.yml", "resources: [../../base]\n");
    repository.write("overlays/ill/absent.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    repository.write("overlays/new/kustomization.yaml", "resources: [../../base]\n");
    repository.remove("overlays/own");
    repository.write("apps/prod.yaml", &application("prod").replace("project: default", "project: other"));
    repository.commit();
    insta::assert_snapshot!(repository.told(&["affected", "HEAD~1..HEAD"]));
    insta::assert_snapshot!(
        repository
            .told(&["affected", "HEAD~1..HEAD", "--kind", "application", "-o", "yaml"])
            .lines()
            .filter(|line| !line.starts_with("base: ") && !line.starts_with("head: "))
            .collect::<Vec<_>>()
            .join("\n")
    );
}

#[test]
fn three_dots_compare_with_where_two_branches_parted() {
    let repository = example();
    repository.branch("topic");
    repository.write("overlays/own/own.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n");
    repository.commit();
    assert_eq!(repository.told(&["affected", "main..topic", "-o", "name"]), "0\noverlays/own\n");
    assert_eq!(repository.told(&["affected", "main...topic", "-o", "name"]), "0\n");
    let unknown = repository.told(&["affected", "nowhere..HEAD"]);
    assert!(unknown.starts_with("2\n") && unknown.contains("nowhere"), "{unknown}");
}
