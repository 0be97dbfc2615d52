"""Searches files for secrets, also where they are written as base64, percent-encoded or as JSON."""

import base64
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.parse

import confidential
import kept

# Of a secret within longer base64 that many characters have to be its own.
WITHIN = 12


@dataclasses.dataclass(frozen=True)
class Leak:
    """A secret in a file."""

    path: pathlib.Path
    line: int
    label: str
    form: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.label}, {self.form}"


def forms(secret):
    """The texts that give a secret away, with what they are."""
    found = {}
    if "\n" not in secret:
        found[secret] = "as it is"
    escaped = json.dumps(secret)[1:-1]
    found.setdefault(escaped, "as JSON has it")
    found.setdefault(escaped.replace("/", "\\/"), "as JSON has it")
    quoted = urllib.parse.quote(secret, safe="")
    for text in (quoted, urllib.parse.quote(secret), urllib.parse.quote_plus(secret)):
        found.setdefault(text, "percent-encoded")
        found.setdefault(_lower(text), "percent-encoded")
    data = secret.encode()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        found.setdefault(encode(data).decode().rstrip("="), "base64")
        for before in (0, 1, 2):
            # The characters that depend on the secret alone, whatever stands before and behind it.
            text = encode(b"\0" * before + data).decode().rstrip("=")
            first = -(-before * 8 // 6)
            last = (before + len(data)) * 8 // 6
            if last - first >= WITHIN:
                found.setdefault(text[first:last], "base64")
    return {text: form for text, form in found.items() if "\n" not in text}


def _lower(text):
    parts = text.split("%")
    return parts[0] + "".join("%" + part[:2].lower() + part[2:] for part in parts[1:])


def search(secrets, paths):
    """The places in the files where one of the secrets is; `secrets` maps them to their labels. Of a file the first 20 lines count."""
    patterns = {}
    for secret, label in secrets.items():
        for text, form in forms(secret).items():
            patterns.setdefault(text, (label, form))
    paths = [pathlib.Path(path) for path in paths]
    if not patterns or not paths:
        return []
    with tempfile.NamedTemporaryFile("w", suffix=".patterns") as file:
        file.write("".join(text + "\n" for text in patterns))
        file.flush()
        done = subprocess.run(
            ["xargs", "--null", "--no-run-if-empty", "grep", "--fixed-strings", "--text", "--only-matching", "--line-number",
             "--with-filename", "--null", "--max-count=20", f"--file={file.name}", "--"],
            input=b"".join(os.fsencode(path) + b"\0" for path in paths), capture_output=True, env={**os.environ, "LC_ALL": "C"},
        )
    # 123: one of the commands found nothing, which is no failure; what cannot be read is said to standard error.
    assert done.returncode in (0, 123) and not done.stderr, done.stderr.decode()
    leaks = {}
    for line in done.stdout.split(b"\n"):
        if line:
            path, _, rest = line.partition(b"\0")
            number, _, text = rest.partition(b":")
            label, form = patterns[text.decode()]
            leaks.setdefault(Leak(pathlib.Path(os.fsdecode(path)), int(number), label, form))
    return list(leaks)


class Search:
    """The search of all that Ingot wrote during a run, for all secrets of its tests."""

    def __init__(self):
        begin = time.monotonic()
        secrets = confidential.known()
        self.paths, self.open_to_others = kept.files()
        self.processes = kept.processes()
        self.leaks = search(secrets, self.paths)
        self.tests = {str(folder): record["test"] for folder, record in self.processes}
        self.tests.update({record["data"]: record["test"] for _, record in self.processes if record["data"]})
        self.seconds = time.monotonic() - begin
        self.secrets = len(secrets)

    @property
    def passed(self):
        return not self.leaks and not self.open_to_others

    def report(self, terminal):
        if self.processes:
            for line in self.summary():
                terminal.write_line(line)
        if self.passed:
            shutil.rmtree(confidential.FOLDER)
            return
        terminal.section("secrets that Ingot wrote", red=True)
        for leak in self.leaks[:200]:
            terminal.write_line(f"{leak}; of {self.test(leak.path)}")
        for path in self.open_to_others:
            terminal.write_line(f"{path}: others than its owner may read it; of {self.test(path)}")
        terminal.write_line(f"{len(self.leaks)} in all; what was searched is in {confidential.FOLDER}")

    def summary(self):
        size = sum(path.stat().st_size for path in self.paths) / 1e6
        answers = [path.read_text() for path in self.paths if path.name == kept.ANSWERS]
        yield (
            f"No secret: {self.secrets} were looked for" if self.passed else f"{self.secrets} secrets were looked for"
        ) + f" in {len(self.paths)} files ({size:.0f} MB) of {len(self.processes)} processes, in {self.seconds:.1f} s"
        asking = sum(float(path.read_text()) for path in confidential.FOLDER.glob(f"*/{kept.SECONDS_TO_ASK}"))
        lines = [line for text in answers for line in text.splitlines()]
        yield f"Among them are {len(lines)} answers of {len(answers)} servers, which were asked in {asking:.1f} s"
        silent = sum(not text for text in answers)
        refusing = sum(re.search("^/api/settings GET [^ ]* 401 ", text, re.M) is not None for text in answers)
        yield f"{silent} of these servers did not answer any more, and {refusing} did not know who asks"
        routes = {line.partition(" ")[0] for line in lines}
        answered = {line.partition(" ")[0] for line in lines if re.match(r"\S+ GET \S+ 200 ", line)}
        if routes - answered:
            yield f"Routes that gave nothing but errors: {', '.join(sorted(routes - answered))}"

    def test(self, path):
        """The test that started the process that wrote a file."""
        return next((test for folder, test in self.tests.items() if path.is_relative_to(folder)), "no test")
