use super::*;
use crate::kustomize::{RenderError, RenderOptions};
use crate::tree::FileTree;

fn check(entry: &str, expected: Option<(&str, &str, &str)>) {
    let found = RemoteRepository::parse(entry);
    let found = found
        .as_ref()
        .map(|(repository, path)| (repository.address.as_str(), path.as_str(), repository.revision.as_str()));
    assert_eq!(found, expected, "{entry}");
}

/// Each expectation is what kustomize v5.8.1 hands to `git fetch`, where it builds, and reads.
#[test]
fn the_forms_of_an_address_are_read_as_kustomize_reads_them() {
    check("https://github.com/org/repo//a/b?ref=v1", Some(("https://github.com/org/repo", "a/b", "v1")));
    check("github.com/org/repo/a/b?ref=v1", Some(("https://github.com/org/repo", "a/b", "v1")));
    check("GitHub.com/org/repo", Some(("https://github.com/org/repo", "", "")));
    check("git@github.com:org/repo.git//a", Some(("git@github.com:org/repo.git", "a", "")));
    check("git@github.com:org/repo/a", Some(("git@github.com:org/repo", "a", "")));
    check("github.com:org/repo//a", Some(("https://github.com/org/repo", "a", "")));
    check("ssh://git@github.com/org/repo", Some(("git@github.com:org/repo", "", "")));
    check("https://token@github.com/org/repo", Some(("token@github.com:org/repo", "", "")));
    check("git::https://host/org/repo.git/a", Some(("https://host/org/repo.git", "a", "")));
    check("GIT::HTTPS://Host/org/repo//a", Some(("https://Host/org/repo", "a", "")));
    check("https://u:p@host/org/repo", Some(("https://u:p@host/org/repo", "", "")));
    check("https://host/only", None);
    check("https://host/only.git", Some(("https://host/only.git", "", "")));
    check("https://host:8080/a/b/c/d?version=x", Some(("https://host:8080/a/b", "c/d", "x")));
    check(
        "https://name@dev.azure.com/org/project/_git/repo/a/b?version=x&ref=y",
        Some(("https://name@dev.azure.com/org/project/_git/repo", "a/b", "y")),
    );
    check(
        "https://bitbucket.org/org/repo.git?ref=v1",
        Some(("https://bitbucket.org/org/repo.git", "", "v1")),
    );
    check("ssh://git@host:2222/org/repo.git//a", Some(("ssh://git@host:2222/org/repo.git", "a", "")));
    check("user@host:path/repo.git//a/", Some(("user@host:path/repo.git", "a/", "")));
    check("user@host/path/repo/a", Some(("user@host/path/repo", "a", "")));
    check("file:///srv/repo//a", Some(("file:///srv/repo", "a", "")));
    check("file:///srv/repo", Some(("file:///srv/repo", "", "")));
    check("https://host/org/repo//../../etc", None);
    for path in
        ["../base", "base", "./github.com/org/repo", "/srv/github.com/a/b", "host:path", "gh:org/repo"]
    {
        check(path, None);
    }
    for unknown in ["ext::sh -c x", "s3::https://host/a/b", "git://host/a/b", "--upload-pack=x"] {
        check(unknown, None);
    }
}

#[test]
fn the_query_bounds_the_fetch() {
    let check = |query: &str, seconds: u64, submodules: bool, revision: &str| {
        let (repository, _) = RemoteRepository::parse(&format!("https://host/a/b?{query}")).unwrap();
        let found = (repository.timeout, repository.submodules, repository.revision.as_str());
        assert_eq!(found, (Duration::from_secs(seconds), submodules, revision), "{query}");
    };
    check("", 27, true, "");
    check("timeout=61&submodules=false", 61, false, "");
    check("timeout=2m&submodules=no&ref=a%2Fb", 120, true, "a/b");
    check("timeout=0&ref=a+b", 27, true, "a b");
    check("timeout=-3s&ref=x&ref=y", 27, true, "x");
    check("ref=x&broken=%", 27, true, "");
    check("ref=x;y", 27, true, "");
}

#[test]
fn no_credential_is_shown() {
    let repository = |entry: &str| RemoteRepository::parse(entry).unwrap().0;
    let source = RemoteSource::Repository(repository("https://user:secret@host/a/b?ref=v1"));
    assert_eq!(format!("{source} {source:?}").matches("secret").count(), 0);
    let token = repository("https://secret@github.com/a/b");
    assert_eq!(format!("{token} {token:?}"), "******@github.com:a/b RemoteRepository(******@github.com:a/b)");
    let file = RemoteSource::File("https://user:secret@host/x?token=secret".to_owned());
    assert_eq!(file.to_string(), "https://***********@host/x?token=******");
}

const CONFIG_MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\n";

/// Renders `root` of a tree with these files; what is asked for is answered with `fetched`, by the entry that
/// names it, and is absent where there is nothing.
fn render(files: &[(&str, &str)], fetched: &[(&str, &[(&str, &str)])]) -> Result<String, RenderError> {
    let mut tree = FileTree::new();
    for (path, text) in files {
        tree.add(path, text).unwrap();
    }
    let mut options = RenderOptions::default();
    let mut first = None;
    for _ in 0..20 {
        match crate::kustomize::render(&tree, &TreePath::root(), &options) {
            Err(RenderError::Remote { at, sources }) => {
                first.get_or_insert(at);
                for source in sources {
                    let known = fetched.iter().find(|(shown, files)| {
                        let is_file = matches!(source, RemoteSource::File(_));
                        source.to_string() == *shown
                            && is_file == files.iter().all(|(path, _)| path.is_empty())
                    });
                    let answer = match known {
                        None => RemoteAnswer::Absent("status 404".to_owned()),
                        Some((_, files)) => {
                            for (path, text) in *files {
                                let path = source.mount().join(path).unwrap();
                                tree.add(path.as_str(), text.replace("NAME", "a")).unwrap();
                            }
                            RemoteAnswer::Mounted
                        }
                    };
                    options.remotes.insert(source, answer);
                }
            }
            result => {
                let roots: Vec<_> = result?.objects.into_iter().map(|object| object.root).collect();
                return Ok(crate::yaml::print(&roots.iter().collect::<Vec<_>>()).unwrap());
            }
        }
    }
    panic!("it asks forever, first at {first:?}");
}

#[test]
fn a_repository_and_a_file_are_rendered_with_their_origins() {
    let root = "resources:
- https://host/org/repo//overlay?ref=v1
- https://host/f/g/h/x.yaml
- https://host/y.yaml
- github.com/org/whole
buildMetadata: [originAnnotations]
";
    let found = render(
        &[("kustomization.yaml", root)],
        &[
            (
                "https://host/org/repo@v1",
                &[
                    ("overlay/kustomization.yaml", "resources: [../base]\nnameSuffix: -z\n"),
                    ("base/kustomization.yaml", "resources: [cm.yaml]\n"),
                    ("base/cm.yaml", CONFIG_MAP),
                ],
            ),
            ("https://host/f/g/h/x.yaml", &[("", &CONFIG_MAP.replace("NAME", "b"))]),
            ("https://host/y.yaml", &[("", &CONFIG_MAP.replace("NAME", "c"))]),
            (
                "https://github.com/org/whole",
                &[("Kustomization", "resources: [d.yaml]"), ("d.yaml", &CONFIG_MAP.replace("NAME", "d"))],
            ),
        ],
    );
    // What kustomize v5.8.1 writes.
    let origins = [
        "path: base/cm.yaml\n      repo: https://host/org/repo\n      ref: v1\n  name: a-z\n",
        "path: h/x.yaml\n      repo: https://host/f/g\n  name: b\n",
        "path: https:/host/y.yaml\n  name: c\n",
        "path: notCloned/d.yaml\n      repo: https://github.com/org/whole\n  name: d\n",
    ];
    let document = |origin: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  annotations:\n    config.kubernetes.io/origin: |\n      {origin}"
        )
    };
    assert_eq!(found.unwrap(), origins.map(document).join("---\n"));
}

#[test]
fn a_repository_holds_what_its_kustomizations_name() {
    let check = |inside: &str, expected: &str| {
        let files = [("overlay/kustomization.yaml", inside), ("kustomization.yaml", "resources: [overlay]")];
        let root = "resources: ['https://host/org/repo//overlay']";
        let local = [
            ("kustomization.yaml", root),
            ("secret.yaml", CONFIG_MAP),
            ("base/kustomization.yaml", "namePrefix: a"),
        ];
        let error = render(&local, &[("https://host/org/repo", &files)]).unwrap_err();
        assert_eq!(error.to_string(), expected, "{inside}");
    };
    let place = "https://host/org/repo//overlay/kustomization.yaml";
    let leaves = |entry: &str| format!("{place}:1:13: `{entry}` leaves the repository");
    check("resources: [../../secret.yaml]", &leaves("../../secret.yaml"));
    check("resources: [../../../../base]", &leaves("../../../../base"));
    check("resources: [../../../../secret.yaml]", &leaves("../../../../secret.yaml"));
    check(
        "resources: ['https://host/org/repo']",
        &format!("{place}:1:13: `https://host/org/repo` includes a kustomization that is being built"),
    );
    check("resources: [..]", &format!("{place}:1:13: `..` includes a kustomization that is being built"));
    check(
        "configMapGenerator: [{name: a, files: [../kustomization.yaml]}]",
        &format!("{place}:1:40: `../kustomization.yaml` is not in or below `https://host/org/repo//overlay`"),
    );
}

#[test]
fn what_cannot_be_fetched_is_said_where_it_is_named() {
    let check = |root: &str, expected: &str| {
        let error = render(&[("kustomization.yaml", root)], &[]).unwrap_err();
        assert_eq!(error.to_string(), format!("kustomization.yaml:1:{expected}"), "{root}");
    };
    check(
        "resources: ['https://user:secret@host/x.yaml']",
        "13: `https://***********@host/x.yaml` cannot be fetched: status 404",
    );
    check(
        "resources: ['file:///etc']",
        "13: `file:///etc` is not the address of a repository or file that is fetched",
    );
    check(
        "components: ['file:///etc']",
        "14: `file:///etc` is not the address of a repository or file that is fetched",
    );
    check(
        "resources: ['ext::sh -c x']",
        "13: `ext::sh -c x` is not the address of a repository or file that is fetched",
    );
    check(
        "crds: ['ssh://git@host/a/b']",
        "8: `ssh://git@host/a/b` is not the address of a repository or file that is fetched",
    );
    check("resources: [.git/remote/x]", "13: `.git/remote/x` does not exist");
}
