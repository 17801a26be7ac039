#!/usr/bin/env python3
"""Builds and runs the fuzz targets of fuzz/.

usage: fuzz.py [--seconds N] [--jobs N] [TARGET ...]

Each target starts from what is committed in fuzz/seeds/TARGET, from the inputs
of the recorded kustomize cases where they are at hand (GITOPS_CONFORMANCE, or
../shared/conformance), and from what earlier runs kept in fuzz/corpus. What a
target finds is left in fuzz/artifacts/TARGET, and the exit code is 1.

Needs cargo-fuzz. The stable compiler is enough: RUSTC_BOOTSTRAP=1 lets it take
the flags for coverage.
"""

import argparse
import concurrent.futures
import hashlib
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FUZZ = ROOT / "fuzz"
SEPARATOR = b"\n--8<--\n"
# The longest input that a target makes.
LENGTHS = {"render": 16384, "remote_parse": 512}
LENGTH = 4096
# The words that inputs are made of.
DICTIONARIES = {"remote_parse": "remote.dict"}
DICTIONARY = "kustomize.dict"
# One input may take 10 seconds and a gigabyte; it is a bound for absurd ones, on a busy machine.
LIMITS = ["-timeout=10", "-rss_limit_mb=1024"]
KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")


def targets():
    return sorted(path.stem for path in (FUZZ / "fuzz_targets").glob("*.rs"))


def conformance():
    folder = pathlib.Path(os.environ.get("GITOPS_CONFORMANCE", ROOT / "../shared/conformance"))
    cases = folder / "kustomize/cases"
    return sorted(cases.iterdir()) if cases.is_dir() else []


def files(folder):
    """Each small file of a recorded case, under its path, links left out."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths if path.stat().st_size < 65536}


def seeds_of(case):
    """(target, input) of a recorded case."""
    content = files(case / "input")
    kustomizations = [path for path in content if pathlib.PurePath(path).name in KUSTOMIZATIONS]
    # The directory that is built comes first.
    first = [path for path in kustomizations if str(pathlib.PurePath(path).parent) in case_directory(case)]
    order = first + [path for path in content if path not in first]
    yield "render", b"\n".join(b"=== " + path.encode() + b"\n" + content[path].rstrip(b"\n") for path in order)
    for path, text in content.items():
        if path.endswith((".yaml", ".yml", ".json")):
            yield "yaml_read", text
            yield "yaml_print", text
    for path in kustomizations:
        for name in re.findall(rb"name: *([a-z/.]+)", content[path])[:2] or [b"nginx"]:
            yield "image_edit", name + b" - 1.2.3 -" + SEPARATOR + content[path]
    manifests = [path for path in content if path not in kustomizations and b"kind:" in content[path]]
    for patch in (path for path in content if "patch" in path):
        is_json = b"op:" in content[patch] or b'"op"' in content[patch]
        for target in manifests:
            if target != patch:
                pair = content[target] + SEPARATOR + content[patch]
                yield "json_patch" if is_json else "strategic_merge", pair


def case_directory(case):
    directory = re.search(r'"dir": *"([^"]*)"', (case / "case.json").read_text())
    return [str(pathlib.PurePath(directory.group(1) if directory else "."))]


def fill_corpora(names):
    seeds = [seed for case in conformance() for seed in seeds_of(case)]
    for name in names:
        corpus = FUZZ / "corpus" / name
        corpus.mkdir(parents=True, exist_ok=True)
        longest = LENGTHS.get(name, LENGTH)
        own = [path.read_bytes() for path in sorted((FUZZ / "seeds" / name).glob("*"))]
        for text in own + [text for target, text in seeds if target == name and len(text) <= longest]:
            (corpus / hashlib.sha1(text).hexdigest()).write_bytes(text)


def environment():
    # Not the target directory of the workspace: the flags differ.
    kept = {key: value for key, value in os.environ.items() if key != "CARGO_TARGET_DIR"}
    target = os.environ.get("CARGO_TARGET_DIR")
    directory = f"{target}/fuzz" if target else str(FUZZ / "target")
    return {**kept, "RUSTC_BOOTSTRAP": "1", "CARGO_TARGET_DIR": directory}


def cargo_fuzz(verb, name, *arguments):
    triple = re.search(r"host: (\S+)", subprocess.check_output(["rustc", "-vV"], text=True)).group(1)
    return ["cargo", "fuzz", verb, "--sanitizer", "none", "--target", triple, *([name] if name else []), *arguments]


def run(name, seconds):
    """Whether the target found nothing, and its last words."""
    options = [f"-max_total_time={seconds}", f"-max_len={LENGTHS.get(name, LENGTH)}", "-print_final_stats=1"]
    dictionary = FUZZ / "dictionaries" / DICTIONARIES.get(name, DICTIONARY)
    arguments = ["--", *options, *LIMITS, f"-dict={dictionary}"]
    process = subprocess.run(
        cargo_fuzz("run", name, *arguments), cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    return process.returncode == 0, process.stdout


def summary(output):
    """Executions and coverage, from libFuzzer's words."""
    states = re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)/", output)
    executions = re.search(r"stat::number_of_executed_units: (\d+)", output)
    coverage, features, inputs = states[-1] if states else ("?", "?", "?")
    count = executions.group(1) if executions else "?"
    return f"{count} executions, {coverage} edges, {features} features, {inputs} inputs kept"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="for each target (default: 60)")
    parser.add_argument("--jobs", type=int, default=1, help="targets at a time (default: 1)")
    parser.add_argument("target", nargs="*", help=f"of {', '.join(targets())} (default: all)")
    options = parser.parse_args()
    names = options.target or targets()
    fill_corpora(names)
    subprocess.run(cargo_fuzz("build", None), cwd=ROOT, env=environment(), check=True)
    failed = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for name, (passed, output) in zip(names, pool.map(lambda name: run(name, options.seconds), names)):
            print(f"{name}: {summary(output)}", flush=True)
            if not passed:
                failed.append(name)
                print("\n".join(output.splitlines()[-40:]), file=sys.stderr)
    if failed:
        sys.exit(f"found something: {', '.join(failed)}; the inputs are in fuzz/artifacts")


if __name__ == "__main__":
    main()
