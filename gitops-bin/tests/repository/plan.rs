//! `gitops plan`: what a change would do to what is deployed.

use std::fs;

use serde_json::Value;

use super::project::Project;

/// Three overlays of one base with a Deployment and a ConfigMap, an Application for two of them, and their project.
fn example() -> Project {
    let this = Project::new();
    this.write("base/kustomization.yaml", "resources: [web.yaml, config.yaml]\n");
    this.write(
        "base/web.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  \
         template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers:\n      - name: web\n        \
         image: web\n",
    );
    this.write(
        "base/config.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config}\ndata: {greeting: hello}\n",
    );
    for name in ["dev", "staging", "prod"] {
        this.write(&format!("overlays/{name}/kustomization.yaml"), &overlay(name, "v1"));
    }
    this.write("apps/dev.yaml", &application("dev", "automated: {prune: true}"));
    this.write("apps/prod.yaml", &application("prod", ""));
    this.write("projects/team.yaml", &project("[ConfigMap, Deployment]"));
    this.commit();
    this
}

fn overlay(name: &str, tag: &str) -> String {
    format!("resources: [../../base]\nnamePrefix: {name}-\nimages:\n- name: web\n  newTag: {tag}\n")
}

fn application(name: &str, policy: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: app-{name}, namespace: argocd}}\nspec:\n  \
         project: team\n  source: {{repoURL: https://example.com/repo.git, path: overlays/{name}}}\n  destination: \
         {{server: https://kubernetes.default.svc, namespace: {name}}}\n  syncPolicy: {{{policy}}}\n"
    )
}

fn project(kinds: &str) -> String {
    let kinds: Vec<String> = kinds
        .trim_matches(['[', ']'])
        .split(", ")
        .map(|kind| format!("{{group: '*', kind: {kind}}}"))
        .collect();
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {{name: team, namespace: argocd}}\nspec:\n  \
         sourceRepos: ['*']\n  destinations: [{{server: '*', namespace: '*'}}]\n  namespaceResourceWhitelist: [{}]\n",
        kinds.join(", ")
    )
}

/// The plan of the last commit, without the ids of commits and without hashes.
fn told(repository: &Project, arguments: &[&str]) -> String {
    masked(&repository.told(&[&["plan", "HEAD~1..HEAD"], arguments].concat()))
}

fn masked(text: &str) -> String {
    let is_id =
        |word: &str| matches!(word.len(), 7 | 40 | 64) && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mask = |word: &str| if is_id(word) { "ID".to_owned() } else { word.to_owned() };
    let lines = text.lines().map(|line| line.split(' ').map(mask).collect::<Vec<_>>().join(" "));
    lines.map(|line| line + "\n").collect()
}

fn json(repository: &Project, range: &str) -> Value {
    serde_json::from_slice(&repository.run(&["plan", range, "-o", "json"]).stdout).unwrap()
}

#[test]
fn one_change_of_many_is_shown_once() {
    let repository = example();
    for name in ["dev", "staging", "prod"] {
        repository.write(&format!("overlays/{name}/kustomization.yaml"), &overlay(name, "v2"));
    }
    repository.commit();
    insta::assert_snapshot!(told(&repository, &[]));
    insta::assert_snapshot!(told(&repository, &["-o", "markdown"]));
    let names = "1\napplication.argoproj.io/app-dev\napplication.argoproj.io/app-prod\noverlays/staging\n";
    assert_eq!(told(&repository, &["-o", "name"]), names);
    let plan = json(&repository, "HEAD~1..HEAD");
    assert_eq!(plan["groups"], serde_json::json!([{ "items": [0, 1, 2] }]));
    let field = &plan["items"][1]["objects"][0]["fields"][0];
    assert_eq!(field["at"], "overlays/prod/kustomization.yaml:5:11", "each item has places of its own");
    assert_eq!(plan["items"][0]["desiredHash"].as_str().map(str::len), Some(64));
}

#[test]
fn nothing_that_is_deployed_changes() {
    let repository = example();
    repository.write("overlays/dev/kustomization.yaml", &format!("# a comment\n{}", overlay("dev", "v1")));
    repository.write("README.md", "text\n");
    repository.commit();
    assert_eq!(
        told(&repository, &[]),
        "0\n0 of 2 Applications and 0 of 1 other kustomizations change from ID to ID\n"
    );
    insta::assert_snapshot!(told(&repository, &["-o", "markdown"]));
}

#[test]
fn applications_come_and_go() {
    let repository = example();
    repository.write("apps/staging.yaml", &application("staging", ""));
    repository.remove("apps/dev.yaml");
    repository.commit();
    insta::assert_snapshot!(told(&repository, &[]));
}

#[test]
fn what_is_pruned_is_said_and_what_is_kept_too() {
    let repository = example();
    let kept = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept, annotations: {argocd.argoproj.io/sync-options: \
                Prune=false}}\n";
    repository.write("base/kept.yaml", kept);
    repository.write("base/kustomization.yaml", "resources: [web.yaml, config.yaml, kept.yaml]\n");
    repository.commit();
    repository.write("base/kustomization.yaml", "resources: [web.yaml]\n");
    repository.commit();
    insta::assert_snapshot!(told(&repository, &[]));
}

#[test]
fn a_project_refuses_and_cannot_be_widened_by_the_change() {
    let repository = example();
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: role}\nrules: []\n";
    repository.write("base/role.yaml", role);
    repository.write("base/kustomization.yaml", "resources: [web.yaml, config.yaml, role.yaml]\n");
    repository.commit();
    let refused = told(&repository, &[]);
    assert!(refused.starts_with("4\n"), "{refused}");
    insta::assert_snapshot!(refused);
    insta::assert_snapshot!(told(&repository, &["-o", "markdown"]));
    repository.write("projects/team.yaml", &project("[ConfigMap, Deployment, Role]"));
    repository.commit();
    let widened = masked(&repository.told(&["plan", "HEAD~2..HEAD"]));
    assert!(widened.starts_with("4\n"), "{widened}");
    assert!(widened.contains("the same change widens the project"), "{widened}");
    let project_alone = told(&repository, &[]);
    assert!(project_alone.starts_with("1\n"), "{project_alone}");
    insta::assert_snapshot!(project_alone);
    repository.write("overlays/dev/kustomization.yaml", &overlay("dev", "v2"));
    repository.commit();
    let permitted = told(&repository, &[]);
    assert!(permitted.starts_with("1\n") && !permitted.contains("refused"), "{permitted}");
}

#[test]
fn what_does_not_render_is_told_and_the_others_are_shown() {
    let repository = example();
    repository.write("overlays/dev/kustomization.yaml", "resources: [absent.yaml]\n");
    repository.write("overlays/prod/kustomization.yaml", &overlay("prod", "v2"));
    repository.commit();
    insta::assert_snapshot!(told(&repository, &[]));
    repository.write("overlays/dev/kustomization.yaml", &overlay("dev", "v1"));
    repository.commit();
    let mended = told(&repository, &[]);
    assert!(mended.starts_with("1\n") && mended.contains("(mended)"), "{mended}");
}

#[test]
fn what_is_not_rendered_is_not_taken_for_gone() {
    let repository = example();
    repository.write("apps/dev.yaml", &application("dev", "automated: often"));
    repository.write("apps/prod.yaml", &application("prod", "").replace("overlays/prod", "overlays/moon"));
    repository.write("plain/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    repository.write("apps/plain.yaml", &application("plain", "").replace("overlays/plain", "plain"));
    repository.commit();
    let broken = told(&repository, &[]);
    assert!(broken.starts_with("2\n") && !broken.contains("removed"), "{broken}");
    assert!(broken.contains("! Application argocd/app-dev (broken): cannot be compared"), "{broken}");
    repository.write("plain/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n");
    repository.commit();
    let plain = told(&repository, &[]);
    assert!(plain.starts_with("1\n~ Application argocd/app-plain"), "{plain}");
    assert!(plain.contains("`plain` holds no kustomization: not rendered"), "{plain}");
}

#[test]
fn a_secret_is_shown_as_changed_and_never_shown() {
    let repository = example();
    let secret = |value: &str| {
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: key}}\nstringData: {{password: {value}}}\n")
    };
    repository.write("overlays/prod/secret.yaml", &secret("hunter2"));
    repository.write(
        "overlays/prod/kustomization.yaml",
        &overlay("prod", "v1").replace("[../../base]", "[../../base, secret.yaml]"),
    );
    repository.write("projects/team.yaml", &project("[ConfigMap, Deployment, Secret]"));
    repository.commit();
    repository.write("overlays/prod/secret.yaml", &secret("swordfish"));
    repository.commit();
    insta::assert_snapshot!(told(&repository, &[]));
    for form in ["human", "json", "yaml", "markdown"] {
        for range in ["HEAD~1..HEAD", "HEAD~2..HEAD", "HEAD..HEAD~2"] {
            let text = repository.told(&["plan", range, "-o", form]);
            for value in ["hunter2", "swordfish", "aHVudGVyMg==", "c3dvcmRmaXNo"] {
                assert!(!text.contains(value), "{form} {range}: {text}");
            }
            assert!(text.contains("prod-key"), "{form} {range}: {text}");
        }
    }
}

#[test]
fn nothing_breaks_out_of_a_comment() {
    let repository = example();
    let nasty = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 'config'}\ndata:\n  greeting: |\n    ```\n    </details>\n    \
                 @everyone <script>\n    ````\n    <!-- gitops plan -->\n";
    repository.write("base/config.yaml", nasty);
    repository.commit();
    let text = told(&repository, &["-o", "markdown"]);
    let inside = text.split("\n`````diff\n").nth(1).unwrap();
    let (inside, outside) = inside.split_once("\n`````\n").unwrap();
    assert!(inside.contains("@everyone") && inside.contains("````"), "{text}");
    assert!(!outside.contains("@everyone") && !outside.contains("<script>"), "{text}");
    assert_eq!(
        text.matches("\n<!-- gitops plan -->\n").count(),
        1,
        "the marker is a line of its own: {text}"
    );
}

#[test]
fn a_comment_that_is_too_long_says_what_it_leaves_out() {
    let repository = example();
    for at in 0..40 {
        let text = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{at}}}\n");
        repository.write(&format!("many/{at}/c.yaml"), &text);
        repository.write(&format!("many/{at}/kustomization.yaml"), "resources: [c.yaml]\n");
    }
    repository.commit();
    let text = told(&repository, &["-o", "markdown", "--limit", "3000"]);
    assert!(text.len() < 3000, "{}", text.len());
    assert!(
        text.contains("more that have no room here") && text.contains("of 40 diffs have no room here"),
        "{text}"
    );
    assert_eq!(text.matches("<details>").count(), text.matches("</details>").count(), "{text}");
}

#[test]
fn a_plan_is_written_as_it_is_printed() {
    let repository = example();
    repository.write("overlays/dev/kustomization.yaml", &overlay("dev", "v2"));
    repository.commit();
    let printed = repository.run(&["plan", "HEAD~1", "--out", "plan.json", "-o", "json"]).stdout;
    let written = fs::read(repository.folder.path().join("plan.json")).unwrap();
    let parse = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap();
    assert_eq!(parse(&printed), parse(&written));
    let other = repository.told(&["sync", "app-prod", "--plan", "plan.json", "--as", "somebody"]);
    assert!(
        other.starts_with("2\n") && other.contains("does not change the Application `app-prod`"),
        "{other}"
    );
    let none = repository.told(&[
        "approve",
        "app-dev",
        "--plan",
        "overlays/dev/kustomization.yaml",
        "--as",
        "somebody",
    ]);
    assert!(none.starts_with("2\n"), "{none}");
}

#[test]
fn a_wrong_range_is_a_usage_error() {
    let repository = example();
    repository.branch("topic");
    assert!(repository.told(&["plan", "nowhere..HEAD"]).starts_with("2\n"));
    assert!(repository.told(&["plan", "main...topic"]).starts_with("0\n"));
}
