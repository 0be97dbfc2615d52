#!/usr/bin/env python3
"""Checks the rules of this repository that the compiler and swift-format do not know.

Prints a line `file:line: message` for each violation; the exit status is 1 when there are any.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

TOP_LEVEL = {"Package.swift", "Sources", "Tests", "Docs", "Makefile", "README.md", "config.example.json"}

# A module imports modules of lower layers only. The lowest layer comes first.
LAYERS = [
    {"CBuild", "CCapacityData", "CContainerShim", "CCurl", "CKubernetesSchemaData", "CLinux", "CModelCatalogData", "COpenSSL", "CProviderData", "CSQLite", "CYAML", "CZlib"},
    {"JSON", "Processes", "SQLite", "SmallFiles"},
    {"Capacity", "Telemetry", "KubernetesModel", "Redaction", "Store", "YAML"},
    {"Audit", "Backups", "Certificates", "KubernetesSchema", "Runtimes"},
    {"HTTPClient", "HTTPServer", "IngotConfiguration"},
    {"HuggingFace", "Kubernetes", "LocalContainers"},
    {"ControlPlane", "EmbeddedCluster", "Identity"},
    {"APIs"},
    {"ingot"},
]
LAYER = {module: number for number, modules in enumerate(LAYERS) for module in modules}

LONGEST_FILE = 400
CODE = {".swift", ".c", ".h", ".py", ".sh"}
TEXT = CODE | {".md", ".json", ".yml", ".yaml", ".txt", ".modulemap", ""}

IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\(\w+\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?"
    r"import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var)\s+)?(\w+)"
)
# The brackets keep this file from finding itself.
UNFINISHED = re.compile(r"\b(?:TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b")
# Test data may name the home of `someone`, which is nobody's.
SOMEBODYS_PATH = re.compile(r"(?<![\w.~])/(?:wor[k]|hom[e]|User[s])/(?!someone\b)")
STRING = re.compile(r'"(?:\\.|[^"\\])*"')
SLEEP = re.compile(r"\bTask\.sleep\b|(?<!func )\b(?:u|nano)?sleep\(")

# What may end the process, or read memory that is gone, on a path that a client's bytes can take.
BANNED_IN_SOURCES = [
    (re.compile(r"\btry!"), "try! ends the process: handle the error"),
    (re.compile(r"\bas!"), "as! ends the process: use as? and handle nil"),
    (re.compile(r"\bfatalError\("), "fatalError ends the process: throw a typed error"),
    (re.compile(r"\bpreconditionFailure\("), "preconditionFailure ends the process: throw a typed error"),
    (re.compile(r"\bunowned\(unsafe\)"), "unowned(unsafe) may read memory that is gone: use a strong or weak reference"),
]


def listed_files():
    """The files that are, or could become, part of the repository."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split("\0")
    return sorted(name for name in set(names) if name and (ROOT / name).is_file())


def check_line(path, line, number):
    """Yields what is wrong with one line, whatever the language."""
    if UNFINISHED.search(line):
        yield number, "unfinished work belongs in an issue, not in a comment"
    if SOMEBODYS_PATH.search(line):
        yield number, "an absolute path that exists on one machine only"
    if path.suffix == ".swift":
        code = STRING.sub('""', line).partition("//")[0]
        yield from ((number, message) for message in check_swift(path, code))


def check_swift(path, code):
    """Yields what is wrong with one line of Swift without its strings and comments."""
    if path.parts[0] == "Sources":
        for pattern, message in BANNED_IN_SOURCES:
            if pattern.search(code):
                yield message
        imported = IMPORT.match(code)
        if imported and imported[1] in LAYER:
            module = path.parts[1]
            if LAYER[imported[1]] >= LAYER.get(module, 0):
                yield f"{module} must not import {imported[1]}: imports point downwards"
    elif path.parts[0] == "Tests" and SLEEP.search(code):
        yield "a test waits for what it expects, not for a time"


def check_file(name):
    """Yields (line, message) for each violation in a file."""
    path = Path(name)
    top = path.parts[0]
    if not top.startswith(".") and top not in TOP_LEVEL:
        yield 1, f"{top} has no place at the top: the entries are {', '.join(sorted(TOP_LEVEL))}"
    if top == "Sources" and len(path.parts) > 2 and path.parts[1] not in LAYER:
        yield 1, f"module {path.parts[1]} has no layer: add it to LAYERS in Tests/Tools/check-source.py"
    if path.suffix not in TEXT or "Corpus" in path.parts:
        return
    try:
        lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        yield 1, "not UTF-8"
        return
    is_script = path.suffix == "" and bool(lines) and lines[0].startswith("#!")
    if (path.suffix in CODE or is_script) and len(lines) > LONGEST_FILE:
        yield LONGEST_FILE + 1, f"{len(lines)} lines: a file has at most {LONGEST_FILE}"
    for number, line in enumerate(lines, 1):
        yield from check_line(path, line, number)


def main():
    names = listed_files()
    violations = [f"{name}:{line}: {message}" for name in names for line, message in check_file(name)]
    if violations:
        print("\n".join(violations))
        print(f"{len(violations)} violations in {len(names)} files", file=sys.stderr)
        return 1
    print(f"{len(names)} files keep the rules")
    return 0


if __name__ == "__main__":
    sys.exit(main())
