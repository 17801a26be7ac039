//! `gitops build` as a process: bad and hostile input ends soon, with one clean error, and flags are those of
//! kustomize.
//!
//! `fixtures/bad-input` has a folder for each case: `input`, which is built, and the `stderr` that is expected.
//! What Git cannot hold well is made here.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "support/folder.rs"]
mod folder;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// The most time that bad input may take, in a build without optimisation too.
const TIMEOUT: Duration = Duration::from_secs(20);

const CONFIG_MAP: &str = "apiVersion: v1\ndata:\n  x: z\nkind: ConfigMap\nmetadata:\n  name: a\n";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/bad-input")
}

fn run(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gitops"));
    command.current_dir(directory).args(arguments).env("NO_COLOR", "1").env_remove("RUST_BACKTRACE");
    // The same on every machine, with a network or without.
    command.env("GITOPS_OFFLINE", "1");
    command.output().unwrap_or_else(|error| panic!("{}: {error}", directory.display()))
}

/// The standard error of a build that must fail, after what holds for every failure has been checked.
fn refused(directory: &Path) -> String {
    let start = Instant::now();
    let output = run(directory, &["build", "."]);
    let shown = directory.display();
    let stderr = String::from_utf8(output.stderr).unwrap_or_else(|error| panic!("{shown}: {error}"));
    assert!(start.elapsed() < TIMEOUT, "{shown}: {:?}", start.elapsed());
    assert_eq!(output.status.code(), Some(2), "{shown}: {stderr}");
    assert!(output.stdout.is_empty(), "{shown}: something on standard output");
    assert!(stderr.starts_with("error: ") && stderr.len() < 4096, "{shown}: {stderr}");
    assert_eq!(stderr.matches("\nerror: ").count(), 0, "{shown}: {stderr}");
    assert!(!stderr.contains(|c: char| c.is_control() && c != '\n'), "{shown}: {stderr:?}");
    assert!(!stderr.contains("s3cr3t"), "{shown}: a secret is shown");
    stderr
}

/// A repository in a temporary directory with these files.
fn repository(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join(".git")).unwrap();
    for (path, content) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    root
}

/// Checks that a kustomization with the resource `a.yaml` of this content is refused with these words.
fn check_resource(content: &[u8], words: &[&str]) {
    let root = repository(&[("kustomization.yaml", b"resources: [a.yaml]\n"), ("a.yaml", content)]);
    check_words(&refused(root.path()), words);
}

fn check_words(stderr: &str, words: &[&str]) {
    for word in words {
        assert!(stderr.contains(word), "`{word}` is not in {stderr}");
    }
}

#[test]
fn every_bad_input_has_its_error() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut failed = String::new();
    let mut count = 0;
    for case in fs::read_dir(fixtures()).unwrap() {
        let case = case.unwrap().path();
        // Each case is a repository of its own, so that what leaves it leaves a repository.
        let root = folder::repository(&case.join("input"));
        let stderr = refused(root.path());
        let expected = case.join("stderr");
        if update {
            fs::write(&expected, &stderr).unwrap();
        }
        if fs::read_to_string(&expected).unwrap_or_default() != stderr {
            writeln!(failed, "{}:\n{stderr}", case.display()).unwrap();
        }
        count += 1;
    }
    assert!(count > 30, "only {count} cases");
    assert!(failed.is_empty(), "{failed}");
}

/// Expected texts are kustomize v5.8.1's, written by `scripts/differential_kustomize.py --record`; without one,
/// kustomize refuses the case.
#[test]
fn every_kustomization_prints_what_kustomize_prints() {
    let mut failed = String::new();
    let mut count = 0;
    for case in fs::read_dir(fixtures().with_file_name("kustomize")).unwrap() {
        let case = case.unwrap().path();
        let root = folder::repository(&case.join("input"));
        let directory = if root.path().join("over").is_dir() { "over" } else { "." };
        let output = run(root.path(), &["build", directory]);
        let printed = output.status.success().then(|| String::from_utf8(output.stdout).unwrap());
        if fs::read_to_string(case.join("stdout")).ok() != printed {
            writeln!(failed, "{}:\n{}", case.display(), printed.unwrap_or_default()).unwrap();
        }
        count += 1;
    }
    assert!(count > 5, "only {count} cases");
    assert!(failed.is_empty(), "{failed}");
}

#[test]
fn what_is_not_text_is_refused() {
    check_resource(b"a: caf\xe9\n", &["a.yaml", "not UTF-8"]);
    check_resource(&[0xff, 0xfe, 0x61], &["a.yaml", "not UTF-8"]);
    check_resource(b"a: \0\n", &["a.yaml:1:4", "U+0000"]);
    check_resource(b"a: \x1b[31mred\n", &["a.yaml:1:4", "U+001B"]);
}

#[test]
fn deep_nesting_and_aliases_have_bounds() {
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", "")] {
        let text = format!("{CONFIG_MAP}deep:\n  {}1{}\n", open.repeat(1_000_000), close.repeat(1_000_000));
        check_resource(text.as_bytes(), &["a.yaml:"]);
    }
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for at in 1..12 {
        let aliases = vec![format!("*a{}", at - 1); 9].join(", ");
        writeln!(bomb, "a{at}: &a{at} [{aliases}]").unwrap();
    }
    check_resource(format!("{CONFIG_MAP}{bomb}").as_bytes(), &["a.yaml:", "aliases expand"]);
    let open = "a: b, ".repeat(300_000);
    check_resource(format!("{{{open}").as_bytes(), &["a.yaml:1:", "where one is expected"]);
}

#[test]
fn bases_that_double_are_refused() {
    for (field, kind) in [("resources", "Kustomization"), ("components", "Component")] {
        let mut files = vec![("k0/kustomization.yaml".to_owned(), format!("kind: {kind}\nnamePrefix: x\n"))];
        for at in 1..40 {
            for side in ["l", "r"] {
                let text = format!("kind: {kind}\n{field}: [../../k{}]\nnameSuffix: -{side}\n", at - 1);
                files.push((format!("k{at}/{side}/kustomization.yaml"), text));
            }
            files.push((format!("k{at}/kustomization.yaml"), format!("kind: {kind}\n{field}: [l, r]\n")));
        }
        files.push(("kustomization.yaml".to_owned(), format!("{field}: [k39]\n")));
        let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())).collect();
        check_words(&refused(repository(&files).path()), &["again and again"]);
    }
}

#[test]
fn patches_and_replacements_that_double_are_refused() {
    let mut patch = "resources: [a.yaml]\npatches:\n- target: {kind: ConfigMap}\n  patch: |\n".to_owned();
    let mut replacements = "resources: [a.yaml]\nreplacements:\n".to_owned();
    for at in 0..60 {
        writeln!(patch, "    - {{op: copy, from: /data, path: /data/z{at}}}").unwrap();
        replacements.push_str(
            "- source: {kind: ConfigMap, fieldPath: data.x}\n  targets:\n  - select: {kind: ConfigMap}\n    \
             fieldPaths: [data.x]\n    options: {delimiter: /, index: -1}\n",
        );
    }
    for (text, word) in [(patch, "copies too much"), (replacements, "grows to more than")] {
        let root = repository(&[("kustomization.yaml", text.as_bytes()), ("a.yaml", CONFIG_MAP.as_bytes())]);
        check_words(&refused(root.path()), &["kustomization.yaml:", word]);
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused_where_it_is_named_and_only_there() {
    use std::os::unix::fs::symlink;
    let files: &[(&str, &[u8])] = &[
        ("app/kustomization.yaml", b"resources: [a.yaml]\n"),
        ("kustomization.yaml", b"resources: [app]\n"),
    ];
    for (name, is_refused) in [("a.yaml", true), ("b.yaml", false)] {
        let make: [&dyn Fn(&Path); 4] = [
            &|path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
            &|path| fs::File::create(path).unwrap().set_len(100 << 20).unwrap(),
            &|path| symlink("/etc/passwd", path).unwrap(),
            &|path| symlink(path.file_name().unwrap(), path).unwrap(),
        ];
        for make in make {
            let root = repository(files);
            if !is_refused {
                fs::write(root.path().join("app/a.yaml"), CONFIG_MAP).unwrap();
            }
            make(&root.path().join("app").join(name));
            if is_refused {
                check_words(&refused(root.path()), &["a.yaml"]);
            } else {
                let output = run(root.path(), &["build", "."]);
                assert_eq!(String::from_utf8_lossy(&output.stdout), CONFIG_MAP);
            }
        }
    }
}

#[test]
fn nothing_is_fetched_run_or_read_elsewhere() {
    for url in ["https://u:s3cr3t@example.com/x", "file:///etc", "ext::sh -c x", "git@example.com:a/b"] {
        let text = format!("resources:\n- '{url}'\n");
        let root = repository(&[("kustomization.yaml", text.as_bytes())]);
        check_words(&refused(root.path()), &["kustomization.yaml:2:3", "fetched"]);
        let output = run(root.path(), &["build", url]);
        assert_eq!(output.status.code(), Some(2));
        let stderr =
            String::from_utf8_lossy(&output.stderr).replace("is not the address of", "cannot be fetched");
        check_words(&stderr, &["cannot be fetched"]);
        assert!(!stderr.contains("s3cr3t"), "{stderr}");
    }
    let root =
        repository(&[("kustomization.yaml", b"configMapGenerator: [{name: a, files: [.git/config]}]\n")]);
    fs::write(root.path().join(".git/config"), "s3cr3t").unwrap();
    check_words(&refused(root.path()), &["kustomization.yaml:1", "`.git/config` does not exist"]);
}

#[test]
fn flags_of_kustomize_are_taken() {
    let files: &[(&str, &[u8])] =
        &[("kustomization.yaml", b"resources: [a.yaml]\n"), ("a.yaml", CONFIG_MAP.as_bytes())];
    let root = repository(files);
    let flags = [
        "--enable-helm",
        "--helm-command",
        "helm",
        "--enable-alpha-plugins",
        "--as-current-user",
        "-e",
        "A=b",
        "--mount",
        "type=bind",
        "--network",
        "--network-name",
        "bridge",
        "--load-restrictor",
        "LoadRestrictionsNone",
        "--reorder",
        "none",
        "--enable-managedby-label=false",
    ];
    for place in [".", "kustomization.yaml", "./kustomization.yaml"] {
        let output = run(root.path(), &[&["build", place], &flags[..]].concat());
        assert_eq!(String::from_utf8_lossy(&output.stdout), CONFIG_MAP);
    }
    let labelled = run(root.path(), &["build", "--enable-managedby-label"]);
    check_words(
        &String::from_utf8_lossy(&labelled.stdout),
        &["app.kubernetes.io/managed-by: kustomize-v5.8.1"],
    );
}

#[test]
fn a_directory_gets_a_file_for_each_object_under_kustomizes_names() {
    let manifests = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Ab}\n---\napiVersion: apps/v1\nkind: \
                     Deployment\nmetadata: {name: d, namespace: NS1}\n---\napiVersion: v1\nkind: Namespace\n\
                     metadata: {name: n}\n";
    let root =
        repository(&[("kustomization.yaml", b"resources: [a.yaml]\n"), ("a.yaml", manifests.as_bytes())]);
    fs::create_dir(root.path().join("out")).unwrap();
    assert!(run(root.path(), &["build", "-o", "out"]).status.success());
    let mut names: Vec<_> = fs::read_dir(root.path().join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    // What kubectl 1.37.1 writes.
    let expected = ["default_v1_configmap_ab.yaml", "ns1_apps_v1_deployment_d.yaml", "v1_namespace_n.yaml"];
    assert_eq!(names, expected);
    let escaping = CONFIG_MAP.replace("name: a", "name: ../../x");
    fs::write(root.path().join("a.yaml"), escaping).unwrap();
    let output = run(root.path(), &["build", "-o", "out"]);
    assert_eq!(output.status.code(), Some(2));
    check_words(&String::from_utf8_lossy(&output.stderr), &["a.yaml:1:1", "a name that no file can have"]);
}
