#!/usr/bin/env python3
"""Compares `gitops build` with kustomize on inputs made by chance, the same for the same seed.

  differential_kustomize.py [--gitops 'gitops build'] [--kustomize 'kubectl kustomize'] [--seed 1] [--count 100]
                            [--family NAME …] [--documents] [--cases DIR] [--keep DIR] [--only NUMBER]
                            [--record DIR]

Without --documents and --cases, the inputs are kustomizations of each family of features in turn, or of those
named; what differs is made as small as it can be. With --documents they are documents of odd YAML, and with --cases
mutations of a folder of recorded cases (each with an `input` folder and a `case.json` that names the directory to
build). The two programs must print the same bytes, or both must fail. What differs is listed, and kept in --keep
with what each program printed. With --record, nothing is compared: each case of a folder (of which the directory
`over`, or else the whole `input`, is built) gets what kustomize prints as its `stdout`. Exit status: 0 nothing differs, 1 something does. Python 3 standard library only.
"""
import argparse
import json
import os
import random
import shlex
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "differential"))
import documents
import families
import mutate
import shrink
import text

REMOTE = (b"https://", b"http://", b"github.com", b"git@", b"?ref=", b"git::", b"helm")


def write(files, root):
    for path, content in files.items():
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as file:
            file.write(content)


class Outcome:
    """What a program made of an input."""

    def __init__(self, command, root, directory):
        try:
            done = subprocess.run(
                shlex.split(command) + [directory],
                cwd=root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
            )
        except subprocess.TimeoutExpired:
            self.text, self.error, self.word = b"", b"", "never ends"
            return
        self.error = done.stderr
        self.text = done.stdout if done.returncode == 0 else b""
        self.word = {0: "prints"}.get(done.returncode, "fails" if 0 < done.returncode <= 100 else "crashes")
        if b"panic: " in done.stderr:
            self.word = "fails"

    def same(self, other):
        return self.word == other.word and self.text == other.text


def compare(arguments, files, directory):
    """What each program makes of the files, or nothing where that is the same."""
    with tempfile.TemporaryDirectory() as root:
        write(files, root)
        if not os.path.isdir(os.path.join(root, directory)):
            return True, None
        ours, theirs = (Outcome(command, root, directory) for command in (arguments.gitops, arguments.kustomize))
        return ours.word == "prints", None if ours.same(theirs) else (ours, theirs)


def encoded(tree):
    return {path: content.encode() for path, content in text.files(tree).items()}


def of_families(arguments):
    names = arguments.family or list(families.FAMILIES)
    for number in arguments.numbers:
        for family in names:
            tree, directory = families.case(random.Random(f"{arguments.seed}/{family}/{number}"), family)
            yield f"{family}.{arguments.seed}.{number}", directory, encoded(tree), tree


def of_documents(arguments):
    for number in arguments.numbers:
        files = documents.case(random.Random(f"{arguments.seed}/{number}"))
        yield f"documents.{arguments.seed}.{number}", ".", {path: body.encode() for path, body in files.items()}, None


def of_mutations(arguments):
    known = []
    for name in sorted(os.listdir(arguments.cases)):
        with open(os.path.join(arguments.cases, name, "case.json")) as file:
            case = json.load(file)
        files = mutate.read_tree(os.path.join(arguments.cases, name, "input"))
        if files and not case.get("flags"):
            known.append((name, case["dir"], files))
    kustomizations = [
        content.decode()
        for _, _, files in known
        for path, content in files.items()
        if os.path.basename(path).lower().startswith("kustomization") and mutate.is_text(content)
    ]
    for number in arguments.numbers:
        rng = random.Random(f"{arguments.seed}/{number}")
        name, directory, files = rng.choice(known)
        yield f"{name}.{arguments.seed}.{number}", directory, mutate.mutate_case(rng, files, kustomizations), None


def smallest(arguments, tree, directory, found):
    """The files of the smallest case that differs in the same way."""
    words = [outcome.word for outcome in found]

    def differs(smaller):
        try:
            _, other = compare(arguments, encoded(smaller), directory)
        except (TypeError, KeyError, IndexError):
            return False
        return other is not None and [outcome.word for outcome in other] == words

    return encoded(shrink.shrink(tree, differs))


def keep(folder, name, files, outcomes):
    shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
    write(files, os.path.join(folder, name))
    for program, outcome in zip(("gitops", "kustomize"), outcomes):
        write({f".{program}": outcome.text or outcome.error}, os.path.join(folder, name))


def record(arguments):
    for name in sorted(os.listdir(arguments.record)):
        case = os.path.join(arguments.record, name)
        root = os.path.join(case, "input")
        outcome = Outcome(arguments.kustomize, root, "over" if os.path.isdir(os.path.join(root, "over")) else ".")
        expected = os.path.join(case, "stdout")
        if outcome.word == "prints":
            write({"stdout": outcome.text}, case)
        elif os.path.exists(expected):
            os.remove(expected)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gitops", default="gitops build")
    parser.add_argument("--kustomize", default="kubectl kustomize")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--only", type=int)
    parser.add_argument("--family", action="append", choices=sorted(families.FAMILIES))
    parser.add_argument("--documents", action="store_true")
    parser.add_argument("--cases")
    parser.add_argument("--keep")
    parser.add_argument("--record")
    arguments = parser.parse_args()
    if arguments.record:
        return record(arguments)
    arguments.numbers = range(arguments.count) if arguments.only is None else [arguments.only]
    inputs = of_mutations if arguments.cases else of_documents if arguments.documents else of_families
    built = failed = differing = 0
    for name, directory, files, tree in inputs(arguments):
        if any(word in content for content in files.values() for word in REMOTE) and tree is None:
            continue
        prints, found = compare(arguments, files, directory)
        if found is None:
            built, failed = built + prints, failed + (not prints)
            continue
        differing += 1
        print(f"{name}: gitops {found[0].word}, kustomize {found[1].word}", flush=True)
        if arguments.keep:
            if tree is not None:
                files = smallest(arguments, tree, directory, found)
                _, found = compare(arguments, files, directory)
            keep(arguments.keep, name, files, found)
    print(f"{built} built, {failed} refused, {differing} differ")
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
