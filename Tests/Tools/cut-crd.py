#!/usr/bin/env python3
"""Cuts a custom resource definition of upstream down to some of its fields, without descriptions, for tests of manifests.

    cut-crd.py DEFINITION.yaml VERSION 'kserve/kserve v0.20.0 config/crd/full/x.yaml' FIELD...  > Schemas/NAME.json

A field is a path such as spec.predictor.model, with [] for the elements of a list and * for the values of a map; all that is
below it is kept, and what is above it as far as the path goes. -FIELD leaves out a field that would be kept.
"""

import json
import sys

import yaml

# What is not about the form of values, or not about manifests.
DROPPED = {"description", "title", "example", "externalDocs", "x-kubernetes-validations"}


def plain(schema):
    """A schema without what is for people."""
    if isinstance(schema, list):
        return [plain(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    result = {}
    for key, value in schema.items():
        if key == "properties":
            result[key] = {name: plain(field) for name, field in value.items()}
        elif key not in DROPPED:
            result[key] = plain(value)
    return result


def child(schema, step):
    if step == "[]":
        return schema["items"]
    if step == "*":
        return schema["additionalProperties"]
    return schema["properties"][step]


def kept(schema, paths):
    """A schema with nothing but the fields at those paths."""
    if any(not path for path in paths):
        return plain(schema)
    steps = list(dict.fromkeys(path[0] for path in paths))
    result = {key: plain(value) for key, value in schema.items()
              if key not in DROPPED | {"properties", "items", "additionalProperties", "required"}}
    required = [name for name in schema.get("required", []) if name in steps]
    if required:
        result["required"] = required
    for step in steps:
        inner = kept(child(schema, step), [path[1:] for path in paths if path[0] == step])
        if step == "[]":
            result["items"] = inner
        elif step == "*":
            result["additionalProperties"] = inner
        else:
            result.setdefault("properties", {})[step] = inner
    return result


def remove(schema, path):
    for step in path[:-1]:
        schema = child(schema, step)
    del schema["properties"][path[-1]]
    if "required" in schema:
        schema["required"] = [name for name in schema["required"] if name != path[-1]]


def main():
    file, name, source, *fields = sys.argv[1:]
    with open(file, encoding="utf-8") as stream:
        definitions = [document for document in yaml.safe_load_all(stream) if document]
    definition = next(d for d in definitions if d["kind"] == "CustomResourceDefinition")
    version = next(version for version in definition["spec"]["versions"] if version["name"] == name)
    schema = kept(
        version["schema"]["openAPIV3Schema"], [field.split(".") for field in fields if not field.startswith("-")]
    )
    for field in fields:
        if field.startswith("-"):
            remove(schema, field[1:].split("."))
    spec = definition["spec"]
    cut = {
        "apiVersion": definition["apiVersion"], "kind": definition["kind"],
        "metadata": {"name": definition["metadata"]["name"], "annotations": {"source": source}},
        "spec": {
            "group": spec["group"], "scope": spec["scope"], "names": spec["names"],
            "versions": [{"name": name, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
    }
    json.dump(cut, sys.stdout, indent=1, sort_keys=True)
    print()


main()
