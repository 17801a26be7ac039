//! What is fetched from elsewhere: `gitops build` and `kubectl kustomize` read the same repositories and files from
//! the same server, and print the same bytes.
//!
//! `kubectl` and `git` have to be there under `GITOPS_REQUIRE=1`; without them the comparison is skipped.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it skips"
)]
#![expect(dead_code, reason = "the server is shared, and not all of it is used here")]

#[path = "../../adapters/git/src/remote/tests/server.rs"]
mod server;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use server::{Reply, Server};

const FILES: &[(&str, &str)] = &[
    (
        "org/repo/base/kustomization.yaml",
        "resources: [cm.yaml]\nconfigMapGenerator:\n- name: gen\n  files: [data.txt]\n",
    ),
    ("org/repo/base/cm.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"),
    ("org/repo/base/data.txt", "hello\n"),
    ("org/repo/overlay/kustomization.yaml", "resources: [../base]\nnamePrefix: x-\n"),
    (
        "org/repo/component/kustomization.yaml",
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncommonAnnotations: {c: d}\n",
    ),
    (
        "org/repo/nested/kustomization.yaml",
        "resources: ['SERVER/org/second//deep?ref=main']\ntransformers: [prefix.yaml]\n",
    ),
    (
        "org/repo/nested/prefix.yaml",
        "apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: p}\nprefix: n-\nfieldSpecs: [{path: metadata/name}]\n",
    ),
    ("org/repo/out/kustomization.yaml", "resources: [../../../x.yaml]\n"),
    ("org/repo/round/kustomization.yaml", "resources: ['SERVER/org/repo//round']\n"),
    ("org/repo/kustomization.yaml", "resources: [top.yaml]\n"),
    ("org/repo/top.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: top\n"),
    ("org/second/deep/kustomization.yaml", "resources: [s.yaml]\ngenerators: [gen.yaml]\n"),
    ("org/second/deep/s.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: second}\n"),
    (
        "org/second/deep/gen.yaml",
        "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: made}\nliterals: [a=b]\n",
    ),
    ("f.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: f\n"),
    ("a/b/g.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: g\n"),
    ("patch.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: f\ndata: {patched: \"yes\"}\n"),
    ("data.env", "A=1\nB=2\n"),
    (
        "replacements.yaml",
        "- source: {kind: ConfigMap, name: f, fieldPath: metadata.name}\n  targets: [{select: {name: g}, fieldPaths: [metadata.annotations.from], options: {create: true}}]\n",
    ),
];

/// A kustomization of each sort that names something elsewhere; `SERVER` stands for the address of the server.
const BUILDS: &[&str] = &[
    "resources: ['SERVER/org/repo//overlay?ref=v1']\nbuildMetadata: [originAnnotations, transformerAnnotations]\n",
    "resources: ['SERVER/org/repo//nested?ref=main&timeout=20']\nbuildMetadata: [originAnnotations, transformerAnnotations]\n",
    "resources: ['SERVER/org/repo', 'SERVER/f.yaml', 'SERVER/a/b/g.yaml']\nbuildMetadata: [originAnnotations]\nnamePrefix: p-\n",
    "resources: ['SERVER/org/repo/base?ref=main']\ncomponents: ['SERVER/org/repo//component?version=v1']\nbuildMetadata: [originAnnotations, transformerAnnotations]\n",
    "resources: ['SERVER/f.yaml']\npatches: [{path: 'SERVER/patch.yaml'}]\nconfigMapGenerator:\n- name: x\n  files: ['SERVER/f.yaml', 'k=SERVER/data.env']\n  envs: ['SERVER/data.env']\n",
    "resources: ['SERVER/f.yaml', 'SERVER/a/b/g.yaml']\npatchesStrategicMerge: ['SERVER/patch.yaml']\nreplacements: [{path: 'SERVER/replacements.yaml'}]\n",
    "resources: ['git::SERVER/org/repo.git//overlay?ref=COMMIT&submodules=false']\n",
    "resources: ['SERVER/org/repo.git/base', 'SERVER/org/second//deep']\n",
];

/// Kustomizations that both refuse, with a word of our error.
const REFUSED: &[(&str, &str)] = &[
    ("resources: ['SERVER/org/repo//out']\n", "leaves the repository"),
    ("resources: ['SERVER/org/repo//round']\n", "is being built"),
    ("resources: ['SERVER/org/repo//missing']\n", "does not exist"),
    ("resources: ['SERVER/org/repo//base?ref=v9']\n", "revision `v9` is not in the repository"),
    ("resources: ['SERVER/org/none//base']\n", "status 404"),
    ("resources: ['SERVER/none.yaml']\n", "status 404"),
    ("resources: ['SERVER/org/repo//component']\n", "a component belongs under `components`"),
    ("components: ['SERVER/org/repo//base']\n", "must have the kind `Component`"),
    ("patches: [{path: 'SERVER/none.yaml'}]\nresources: ['SERVER/f.yaml']\n", "status 404"),
];

fn git(directory: &Path, arguments: &[&str]) -> String {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    let output =
        Command::new("git").arg("-C").arg(directory).args(identity).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

/// A server with the repositories and files, and the commit of `org/repo`.
struct World {
    folder: tempfile::TempDir,
    server: Server,
    commit: String,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("srv");
        fs::create_dir(&root).unwrap();
        let server = Server::start(&root, |_| Reply::Serve);
        let address = format!("http://127.0.0.1:{}", server.port);
        for (path, text) in FILES {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text.replace("SERVER", &address)).unwrap();
        }
        for name in ["org/repo", "org/second"] {
            let repository = root.join(name);
            git(&repository, &["init", "-q", "-b", "main"]);
            git(&repository, &["add", "-A"]);
            git(&repository, &["commit", "-qm", "one"]);
            git(&repository, &["tag", "v1"]);
        }
        git(&root, &["clone", "-q", "--bare", "org/repo", "org/repo.git"]);
        let commit = git(&root.join("org/repo"), &["rev-parse", "HEAD"]);
        Self { folder, server, commit }
    }

    fn fill(&self, text: &str) -> String {
        text.replace("SERVER", &format!("http://127.0.0.1:{}", self.server.port))
            .replace("COMMIT", &self.commit)
    }

    /// A directory with this kustomization, in a repository of its own.
    fn kustomization(&self, text: &str) -> std::path::PathBuf {
        let directory = tempfile::tempdir_in(self.folder.path()).unwrap().keep();
        fs::create_dir(directory.join(".git")).unwrap();
        fs::write(directory.join("kustomization.yaml"), self.fill(text)).unwrap();
        directory
    }

    fn gitops(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gitops"));
        command.args(arguments).env("NO_COLOR", "1").env("XDG_CACHE_HOME", self.folder.path().join("cache"));
        command.env_remove("GITOPS_OFFLINE").output().unwrap()
    }

    /// What a build prints.
    fn build(&self, arguments: &[&str]) -> String {
        let output = self.gitops(&[&["build", "--allow-private-sources"], arguments].concat());
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The error of a build that must fail.
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.gitops(arguments);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{arguments:?}: {error}");
        error
    }
}

/// What `kubectl kustomize` prints, and whether it could; `None` where there is no kubectl.
fn kubectl(target: &str) -> Option<(bool, String)> {
    let output = match Command::new("kubectl").args(["kustomize", target]).output() {
        Ok(output) => output,
        Err(error) => {
            let is_required = std::env::var_os("GITOPS_REQUIRE").is_some_and(|value| value == "1");
            assert!(!is_required, "kubectl: {error}");
            println!("skipped: there is no kubectl to compare with");
            return None;
        }
    };
    Some((output.status.success(), String::from_utf8(output.stdout).unwrap()))
}

#[test]
fn what_is_fetched_is_built_as_kustomize_builds_it() {
    let world = World::new();
    for text in BUILDS {
        let directory = world.kustomization(text);
        let directory = directory.to_str().unwrap();
        let built = world.build(&[directory]);
        if let Some((is_built, expected)) = kubectl(directory) {
            assert!(is_built, "kubectl refuses {text}");
            assert_eq!(built, expected, "{text}");
        }
    }
    for root in ["SERVER/org/repo//overlay?ref=v1", "SERVER/org/repo"] {
        let built = world.build(&[&world.fill(root)]);
        if let Some((_, expected)) = kubectl(&world.fill(root)) {
            assert_eq!(built, expected, "{root}");
        }
    }
}

#[test]
fn what_kustomize_refuses_is_refused_with_its_place() {
    let world = World::new();
    for (text, word) in REFUSED {
        let directory = world.kustomization(text);
        let directory = directory.to_str().unwrap();
        let error = world.refused(&["build", "--allow-private-sources", directory]);
        assert!(error.contains(word), "`{word}` is not in {error}");
        assert!(error.contains("kustomization.yaml:1:"), "{error}");
        if let Some((is_built, _)) = kubectl(directory) {
            assert!(!is_built, "kubectl builds {text}");
        }
    }
}

#[test]
fn a_place_in_a_fetched_file_is_shown_with_its_line() {
    let world = World::new();
    let directory = world.kustomization("resources: ['SERVER/org/repo//out?ref=v1']\n");
    let error = world.refused(&["build", "--allow-private-sources", directory.to_str().unwrap()]);
    let place = world.fill("--> SERVER/org/repo@v1//out/kustomization.yaml:1:13");
    assert!(error.contains(&place) && error.contains("1 | resources: [../../../x.yaml]"), "{error}");
}

#[test]
fn private_addresses_need_a_word_of_the_user() {
    let world = World::new();
    for text in ["resources: ['SERVER/f.yaml']\n", "components: ['SERVER/org/repo//component']\n"] {
        let directory = world.kustomization(text);
        let error = world.refused(&["build", directory.to_str().unwrap()]);
        for word in ["kustomization.yaml:1:", "127.0.0.1, a loopback address", "--allow-private-sources"] {
            assert!(error.contains(word), "`{word}` is not in {error}");
        }
    }
    assert_eq!(world.server.asked(), Vec::<String>::new());
}

#[test]
fn offline_builds_what_is_pinned_and_was_fetched() {
    let world = World::new();
    let pinned = world.kustomization("resources: ['SERVER/org/repo//overlay?ref=COMMIT']\n");
    let pinned = pinned.to_str().unwrap();
    let error = world.refused(&["build", "--offline", pinned]);
    assert!(error.contains("nothing is fetched offline"), "{error}");
    let ssh = world.fill("ssh://git@127.0.0.1/org/repo//overlay?ref=COMMIT");
    let error = world.refused(&["build", "--offline", &ssh]);
    assert!(error.contains("nothing is fetched offline"), "{error}");
    let root = world.fill("SERVER/org/repo//overlay?ref=COMMIT");
    let built = world.build(&[&root]);
    world.server.asked();
    assert_eq!(world.build(&[&root, "--offline"]), built);
    assert_eq!(world.build(&[pinned, "--offline"]), built);
    assert_eq!(world.build(&[&root]), built);
    assert_eq!(world.server.asked(), Vec::<String>::new());
    let branch = world.fill("SERVER/org/repo//overlay?ref=main");
    let error = world.refused(&["build", "--offline", &branch]);
    assert!(error.contains("nothing is fetched offline"), "{error}");
}
