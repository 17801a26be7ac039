#!/usr/bin/env python3
"""Runs hostile input on a binary: hundreds of small repositories, command lines and surroundings.

usage: hostile.py GITOPS [--verb VERB] [--jobs N] [--seconds S] [--filter REGEX] [--slowest N]

Every case has 5 seconds of the processor and 512 MiB of address space, and must end with one
clean error of less than 4 KiB that names the file, and nothing on standard
output, nothing written, run, connected to or told; or, where it is legitimate,
build. The cases stand in scripts/hostile/. Nothing but Python is needed.

The verbs that read a directory are asked for from the binary: a verb that it
does not have is passed over with a word.
"""

import argparse
import collections
import contextlib
import ctypes
import concurrent.futures
import dataclasses
import itertools
import os
import pathlib
import re
import resource
import select
import socket
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from hostile import bombs, command_line, outside, secrets, texts  # noqa: E402
from hostile.case import BROKEN_PIPE, BUILDS, REFUSED, SECRET  # noqa: E402

MEMORY = 512 << 20
MOST_ERROR = 4096
# Time is that of the processor, so that a busy machine changes nothing; a program that waits has this many times it.
PATIENCE = 30
# A superuser may read and write what modes forbid, unless its programs are started without these capabilities.
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, PR_CAPBSET_DROP = 1, 2, 24
PRCTL = ctypes.CDLL(None).prctl
# How each verb reads the directory of a case.
VERBS = {
    "build": ["build", "."],
    "all": ["build", "--all", "."],
    "lint": ["lint", "."],
    "explain": ["explain", ".", "ConfigMap/a"],
}
# Characters that move a terminal's cursor, or turn the direction of the text around.
UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")


@dataclasses.dataclass
class Outcome:
    code: int
    stdout: bytes
    stderr: bytes
    seconds: float
    hung: bool


class Listener:
    """A port of loopback that nobody may connect to."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.connected = False
        threading.Thread(target=self.wait, daemon=True).start()

    def wait(self):
        while True:
            connection, _ = self.socket.accept()
            self.connected = True
            connection.close()


def limits(unprivileged):
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if unprivileged:
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            PRCTL(PR_CAPBSET_DROP, capability, 0, 0, 0)


def run(command, case, root, seconds):
    environment = {"PATH": f"{root.parent}/planted:{os.environ['PATH']}", "HOME": str(root.parent / "home"), "NO_COLOR": "1"}
    for key, value in (case.environment or {}).items():
        environment.pop(key, None)
        if value is not None:
            environment[key] = value
    out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
    with standard_output(case, out) as stdout:
        process = subprocess.Popen(command, cwd=root, env=environment, stdout=stdout, stderr=err,
                                   preexec_fn=lambda: limits(case.unprivileged),
                                   stdin=subprocess.PIPE if case.stdin is not None else subprocess.DEVNULL)
    hung = False
    ended = None
    handle = os.pidfd_open(process.pid)
    try:
        feed(process, case.stdin)
        if not select.select([handle], [], [], PATIENCE * seconds)[0]:
            hung = True
            process.kill()
    finally:
        os.close(handle)
        ended = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(ended[1])
    out.seek(0), err.seek(0)
    taken = ended[2].ru_utime + ended[2].ru_stime
    return Outcome(process.returncode, out.read(), err.read(), taken, hung or taken > seconds)


@contextlib.contextmanager
def standard_output(case, file):
    """Where the output of a case goes: to `file`, unless the case wants it to be refused."""
    if case.output == BROKEN_PIPE:
        reading, writing = os.pipe()
        os.close(reading)
    elif case.output:
        writing = os.open(case.output, os.O_WRONLY)
    else:
        writing = os.dup(file.fileno())
    try:
        yield writing
    finally:
        os.close(writing)


def feed(process, text):
    """Writes standard input, to a program that may not read it."""
    if text is not None:
        with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
            pipe.write(text)


def state(folder):
    """Everything below a folder that a program could have changed."""
    found = {}
    for path, folders, files in os.walk(os.fsencode(folder)):
        if len(path) > 3000:
            folders.clear()
        for name in folders + files:
            status = os.lstat(path + b"/" + name)
            found[path + b"/" + name] = (status.st_mode, status.st_size, status.st_mtime_ns)
    return found


def faults(case, outcome, verb):
    """What is wrong with an outcome, apart from what it left behind."""
    if outcome.hung:
        yield "took too long"
        return
    if outcome.code not in (0, 1, 2, 3, 4):
        yield f"exit code {outcome.code}"
    text = outcome.stderr.decode(errors="backslashreplace")
    if text.encode() != outcome.stderr:
        yield "an error that is not UTF-8"
    if len(outcome.stderr) >= MOST_ERROR:
        yield f"{len(outcome.stderr)} bytes of errors"
    if UNSEEN.search(text):
        yield f"control characters in the error: {text!r}"
    if SECRET in text:
        yield "a secret in the error"
    if SECRET.encode() in outcome.stdout and not case.secret_in_output:
        yield "a secret in the output"
    reports = (verb == "lint" or (case.arguments or [""])[0] == "lint") and outcome.code in (0, 1)
    if outcome.code == 0 or reports:
        if case.outcome == REFUSED and verb in ("build", "command line"):
            yield "was not refused"
        return
    if case.outcome == BUILDS and verb in ("build", "command line"):
        yield "was refused"
    if outcome.stdout and verb != "all":
        yield f"{len(outcome.stdout)} bytes of output beside an error"
    count = len(re.findall("^error: ", text, re.MULTILINE))
    if count != 1 and verb != "all" and case.arguments != []:
        yield f"{count} errors"
    names = re.search(r"--> \S", text) or ".yaml" in text or "ustomization" in text
    if verb == "build" and case.names_file and not names:
        yield "no file is named"
    if verb == "build":
        yield from (f"`{word}` is not named" for word in case.words if word not in text)


class Runner:
    def __init__(self, binary, seconds):
        self.binary = str(pathlib.Path(binary).resolve())
        self.seconds = seconds
        self.listener = Listener()

    def has(self, verb):
        """Whether the binary knows what stands for `verb`."""
        help_text = subprocess.run([self.binary, VERBS[verb][0], "--help"], capture_output=True, text=True, check=False)
        return help_text.returncode == 0 and (verb != "all" or "--all" in help_text.stdout)

    def has_word(self, word):
        """Whether the binary has a verb of this name."""
        return subprocess.run([self.binary, word, "--help"], capture_output=True, check=False).returncode == 0

    def check(self, case, verb):
        """(faults, seconds, the error) of one case under one verb."""
        with tempfile.TemporaryDirectory(prefix="hostile-", ignore_cleanup_errors=True) as folder:
            folder = pathlib.Path(folder)
            root = folder / "repository"
            for name in ("repository", "home", "outside", "planted"):
                (folder / name).mkdir()
            for program in ("helm", "docker", "podman"):
                (folder / "planted" / program).write_text(f"#!/bin/sh\ntouch {folder}/PWNED\n")
                (folder / "planted" / program).chmod(0o755)
            case.files = {name: self.ported(content) for name, content in case.files.items()}
            case.write(root)
            before = state(folder)
            words = VERBS[verb] if case.arguments is None else [self.ported(word) for word in case.arguments]
            self.listener.connected = False
            try:
                outcome = run([self.binary, *words], case, root, self.seconds)
            except (OSError, ValueError) as error:
                return [f"cannot be run: {error}"], 0, ""
            found = list(faults(case, outcome, "command line" if case.arguments is not None else verb))
            if self.listener.connected:
                found.append("connected to loopback (or a case beside it did)")
            after = state(folder)
            if after != before:
                changed = sorted(path for path, _ in set(after.items()) ^ set(before.items()))
                changed = [path for path in changed if case.writes is None or os.fsencode(case.writes) not in path]
                if changed:
                    found.append(f"left something behind: {changed[:3]}")
            return found, outcome.seconds, outcome.stderr.decode(errors="replace")

    def ported(self, text):
        port = str(self.listener.port)
        if isinstance(text, str):
            return text.replace("PORT", port)
        return text


def all_cases():
    names = collections.Counter()
    groups = (outside, texts, secrets, command_line, bombs)
    for case in itertools.chain.from_iterable(group.cases() for group in groups):
        names[case.name] += 1
        if names[case.name] > 1:
            raise SystemExit(f"two cases are named {case.name}")
        yield case


def work(runner, options):
    verbs = [options.verb] if options.verb else [verb for verb in VERBS if runner.has(verb)]
    for verb in VERBS:
        if verb not in verbs:
            print(f"not run: {verb}")
    for case in all_cases():
        if options.filter and not re.search(options.filter, case.name):
            continue
        known = case.arguments is None or not case.arguments or case.arguments[0] not in ("lint", "explain", "affected") or runner.has_word(case.arguments[0])
        for verb in (verbs if case.arguments is None else ["build"]):
            if known:
                yield case, verb


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--verb", choices=VERBS)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--filter")
    parser.add_argument("--slowest", type=int, default=0)
    options = parser.parse_args()
    runner = Runner(options.binary, options.seconds)
    failed, count, times = 0, 0, []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        pending = collections.deque()
        tasks = work(runner, options)
        # Cases are large: only a few are held at a time.
        def settle():
            nonlocal failed, count
            (name, verb), future = pending.popleft()
            found, seconds, error = future.result()
            count += 1
            times.append((seconds, name, verb))
            if found:
                failed += 1
                shown = "\n".join(f"    {line}" for line in error.splitlines()[:8])
                print(f"FAILED {name} ({verb}, {seconds:.1f} s): {'; '.join(found)}\n{shown}", flush=True)
        for case, verb in tasks:
            pending.append(((case.name, verb), pool.submit(runner.check, case, verb)))
            if len(pending) > 2 * options.jobs:
                settle()
        while pending:
            settle()
    for seconds, name, verb in sorted(times, reverse=True)[:options.slowest]:
        print(f"{seconds:6.2f} s  {name} ({verb})")
    print(f"{count - failed} of {count} hold")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
