//! `gitops lint` as a process: each code has a folder in `fixtures/lint` with a `trap`, the findings that are
//! `expected` of it, and a `clean` twin that must not have the code.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

#[path = "support/folder.rs"]
mod folder;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use folder::repository;
use gitops_core::diagnostic::Severity;
use gitops_core::lint;
use serde_json::Value;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gitops"));
    command.current_dir(directory).arg("lint").args(arguments).env("NO_COLOR", "1");
    command.output().unwrap_or_else(|error| panic!("{}: {error}", directory.display()))
}

/// The codes that a lint of `input` finds.
fn codes(input: &Path) -> BTreeSet<String> {
    let root = repository(input);
    let output = run(root.path(), &["-o", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{}: {error}: {}", input.display(), String::from_utf8_lossy(&output.stderr))
    });
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

fn cases() -> Vec<(String, PathBuf)> {
    let mut cases: Vec<_> = fs::read_dir(workspace().join("fixtures/lint"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path))
        .collect();
    cases.sort();
    cases
}

#[test]
fn every_code_has_a_trap_and_a_clean_twin() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut failed = String::new();
    let mut seen = BTreeSet::new();
    for (name, case) in cases() {
        let code = name.split('-').next().unwrap().to_owned();
        if !codes(&case.join("trap")).contains(&code) {
            writeln!(failed, "{name}: the trap is not found").unwrap();
        }
        let clean = codes(&case.join("clean"));
        if clean.contains(&code) {
            writeln!(failed, "{name}: the clean twin has it too").unwrap();
        }
        let root = repository(&case.join("trap"));
        let text = String::from_utf8(run(root.path(), &[]).stdout).unwrap();
        assert!(!text.contains("s3cr3t"), "{name}: a secret is shown");
        let expected = case.join("expected");
        if update {
            fs::write(&expected, &text).unwrap();
        }
        if fs::read_to_string(&expected).unwrap_or_default() != text {
            writeln!(failed, "{name}: expected other findings:\n{text}").unwrap();
        }
        let rule = lint::rules().into_iter().find(|rule| rule.code == code);
        assert_eq!(
            rule.map(|rule| format!("{code}-{}", rule.name)),
            Some(name),
            "the folder has another name"
        );
        seen.insert(code);
    }
    let missing: Vec<_> =
        lint::rules().iter().map(|rule| rule.code).filter(|code| !seen.contains(*code)).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
    assert!(failed.is_empty(), "{failed}");
}

#[test]
fn codes_and_names_are_told_apart() {
    let rules = lint::rules();
    let codes: BTreeSet<_> = rules.iter().map(|rule| rule.code).collect();
    let names: BTreeSet<_> = rules.iter().map(|rule| rule.name).collect();
    assert_eq!((codes.len(), names.len()), (rules.len(), rules.len()));
    for rule in &rules {
        assert!(rule.code.starts_with("GK") && rule.code.len() == 5, "{}", rule.code);
        assert!(!rule.summary.ends_with('.') && !rule.hint.ends_with('.'), "{}", rule.code);
        assert!(rule.explanation.ends_with('.'), "{}", rule.code);
    }
}

#[test]
fn bad_input_is_a_finding() {
    for case in fs::read_dir(workspace().join("fixtures/bad-input")).unwrap() {
        let case = case.unwrap().path();
        let root = repository(&case.join("input"));
        let output = run(root.path(), &[]);
        let (stdout, stderr) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        let shown = case.display();
        assert!(matches!(output.status.code(), Some(1 | 2)), "{shown}: {:?} {stderr}", output.status);
        assert!(!format!("{stdout}{stderr}").contains("s3cr3t"), "{shown}: a secret is shown");
        assert!(!stdout.contains(|c: char| c.is_control() && c != '\n'), "{shown}: {stdout:?}");
    }
}

#[test]
fn a_comment_takes_a_finding_back() {
    let text = "images:\n- name: a # gitops-lint: ignore GK004 it comes later\n  newTag: \"1\"\n# gitops-lint: ignore \
                GK004,GK001 so it is\n- name: b\n  newTag: \"1\"\n- name: c\n  newTag: \"1\"\nresources: []\n";
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join(".git")).unwrap();
    fs::write(root.path().join("kustomization.yaml"), text).unwrap();
    let output = run(root.path(), &["-o", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let lines: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|f| f["location"]["line"].clone()).collect();
    assert_eq!(lines, [7], "{report}");
}

#[test]
fn findings_are_chosen_and_weighed() {
    let root = repository(&workspace().join("fixtures/lint/GK004-image-without-match/trap"));
    let code = |arguments: &[&str]| run(root.path(), arguments).status.code();
    assert_eq!(code(&[]), Some(1));
    assert_eq!(code(&["--fail-on", "error"]), Some(0));
    assert_eq!(code(&["--fail-on", "never"]), Some(0));
    assert_eq!(code(&["--ignore", "GK004"]), Some(0));
    assert_eq!(code(&["--select", "image-without-match"]), Some(1));
    assert_eq!(code(&["--select", "GK001"]), Some(0));
    assert_eq!(code(&["--select", "GK999"]), Some(2));
    assert_eq!(code(&["nowhere"]), Some(2));
    let explained = String::from_utf8(run(root.path(), &["--explain", "GK004"]).stdout).unwrap();
    assert!(explained.starts_with("GK004 image-without-match (warning)\n"), "{explained}");
}

#[test]
fn a_directory_of_kustomizations_is_looked_at_from_its_roots() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join(".git")).unwrap();
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("base/kustomization.yaml", "resources: [a.yaml]\nimages:\n- name: a\n  newTag: \"1\"\n");
    write("base/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    write("base/b.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n");
    write("dev/kustomization.yaml", "resources: [../base]\n");
    write("prod/kustomization.yaml", "resources: [../base, nope.yaml]\n");
    let output = run(root.path(), &["-o", "github"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let places: Vec<_> = text.lines().map(|line| line.split("::").nth(1).unwrap()).collect();
    let expected = [
        "notice file=base/b.yaml,line=1,col=1,title=GK021 unreferenced-manifest",
        "warning file=base/kustomization.yaml,line=3,col=3,title=GK004 image-without-match",
        "error file=prod/kustomization.yaml,line=1,col=22,title=GK020 not-built",
    ];
    assert_eq!(places, expected, "{text}");
}

/// What SARIF 2.1.0 demands of a log, as far as findings use it.
fn check_sarif(log: &Value) {
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert!(run["tool"]["driver"]["name"].is_string());
    let ids: BTreeSet<_> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), rules.len());
    for rule in rules {
        for field in ["shortDescription", "fullDescription", "help"] {
            assert!(!rule[field]["text"].as_str().unwrap().is_empty());
        }
    }
    let mut fingerprints = BTreeSet::new();
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(matches!(result["level"].as_str(), Some("error" | "warning" | "note")));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(!uri.is_empty() && !uri.starts_with('/') && !uri.contains([' ', '\\', ':']), "{uri}");
        if let Some(region) = place.get("region") {
            assert!(region["startLine"].as_u64().unwrap() > 0);
            assert!(region.get("startColumn").is_none_or(|column| column.as_u64().unwrap() > 0));
        }
        let fingerprint = result["partialFingerprints"]["findingHash/v1"].as_str().unwrap();
        assert!(fingerprints.insert(fingerprint.to_owned()), "{fingerprint} is there twice");
    }
}

#[test]
fn sarif_is_valid_and_its_fingerprints_outlive_new_lines() {
    let fingerprints = |root: &Path| -> Vec<Value> {
        let output = run(root, &["-o", "sarif"]);
        let log: Value = serde_json::from_slice(&output.stdout).unwrap();
        check_sarif(&log);
        let results = log["runs"][0]["results"].as_array().unwrap();
        results.iter().map(|result| result["partialFingerprints"]["findingHash/v1"].clone()).collect()
    };
    for (_, case) in cases() {
        let root = repository(&case.join("trap"));
        let before = fingerprints(root.path());
        let file = root.path().join("kustomization.yaml");
        if let Ok(text) = fs::read_to_string(&file) {
            fs::write(&file, format!("# A new line.\n{text}")).unwrap();
            assert_eq!(fingerprints(root.path()), before, "{}", case.display());
        }
    }
}

#[test]
fn the_page_is_the_table() {
    let mut table = String::from("| code | name | severity | what it finds |\n|---|---|---|---|\n");
    let mut sections = String::new();
    for rule in lint::rules() {
        let severity = match rule.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        writeln!(table, "| {} | {} | {severity} | {} |", rule.code, rule.name, rule.summary).unwrap();
        writeln!(
            sections,
            "\n### {} {}\n\n{}\n\nWhat to do: {}.",
            rule.code, rule.name, rule.explanation, rule.hint
        )
        .unwrap();
    }
    let path = workspace().join("docs/LINT.md");
    let page = fs::read_to_string(&path).unwrap();
    let (begin, end) =
        ("<!-- The table of the rules begins. -->\n", "<!-- The table of the rules ends. -->\n");
    let (head, rest) = page.split_once(begin).unwrap();
    let (_, tail) = rest.split_once(end).unwrap();
    let expected = format!("{head}{begin}\n{table}{sections}\n{end}{tail}");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &expected).unwrap();
    } else {
        assert_eq!(page, expected, "run the test with UPDATE_EXPECT=1");
    }
}

#[test]
fn the_repository_itself_has_no_trap() {
    let output = run(&workspace(), &["k8s"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{text}");
}
