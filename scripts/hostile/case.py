"""One hostile input: a repository, what is run in it, and what must come of it."""

import dataclasses
import os
import pathlib
import typing

CONFIG_MAP = b"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  x: z\n"
DEPLOYMENT = b"""apiVersion: apps/v1
kind: Deployment
metadata:
  name: d
spec:
  template:
    spec:
      containers:
      - name: c
        image: nginx
"""

# Outcomes.
REFUSED = "refused"  # one clean error, nothing else
BUILDS = "builds"  # exit code 0 and manifests
EITHER = "either"  # either of the two, within the bounds

# An output whose reader has gone.
BROKEN_PIPE = "broken pipe"

# What no output may hold.
SECRET = "s3cr3t"


@dataclasses.dataclass
class Case:
    """A repository in a directory of its own, in which `build .` is run unless `arguments` say otherwise."""

    name: str
    files: dict[str, bytes | str]
    outcome: str = REFUSED
    # Words that the error must hold.
    words: tuple[str, ...] = ()
    # What to make that no content stands for: links, pipes, sockets.
    make: typing.Callable[[pathlib.Path], None] | None = None
    # For cases of the command line: run as they are, and for no other verb.
    arguments: list[str | bytes] | None = None
    stdin: bytes | None = None
    environment: dict[str, str] | None = None
    # Where standard output goes, if not to a file: the path of a device, or BROKEN_PIPE.
    output: str | None = None
    # Whether the modes of files count for a superuser too.
    unprivileged: bool = False
    # The error need not name a file: it is about an argument.
    names_file: bool = True
    # Whether it is a repository; without one, all of the file system is.
    repository: bool = True
    # What it may write below, if anything.
    writes: str | None = None
    # Whether the output may hold the secret word: what is built is data.
    secret_in_output: bool = False

    def write(self, root: pathlib.Path) -> None:
        if self.repository:
            (root / ".git").mkdir()
            (root / ".git/config").write_text(f"[remote]\n  url = https://u:{SECRET}@example.com/\n")
        for name, content in self.files.items():
            path = os.path.join(os.fsencode(root), name if isinstance(name, bytes) else os.fsencode(name))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
        if self.make:
            self.make(root)


def resource(name, content, outcome=REFUSED, words=(), **more):
    """A kustomization with the resource `a.yaml`."""
    files = {"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": content}
    return Case(name, files, outcome, words, **more)


def kustomization(name, text, outcome=REFUSED, words=(), files=None, **more):
    """A kustomization with this text, beside a ConfigMap and a Deployment."""
    every = {"kustomization.yaml": text, "a.yaml": CONFIG_MAP, "d.yaml": DEPLOYMENT, **(files or {})}
    return Case(name, every, outcome, words, **more)
