"""kubectl with a custom resource: schema, defaults, validation, columns, status, scale, explanation."""

import json
import re

import pytest

PROPERTIES = {
    "spec": {
        "type": "object",
        "required": ["size"],
        "properties": {
            "size": {"type": "integer", "minimum": 0, "maximum": 10, "description": "How many there are."},
            "colour": {"type": "string", "enum": ["red", "green"], "default": "red"},
            "limit": {"type": "integer"},
        },
        "x-kubernetes-validations": [
            {"rule": "!has(self.limit) || self.size <= self.limit", "message": "size is above the limit"}
        ],
    },
    "status": {
        "type": "object",
        "properties": {"size": {"type": "integer"}, "selector": {"type": "string"}, "phase": {"type": "string"}},
    },
}

DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "crates.test.example.com"},
    "spec": {
        "group": "test.example.com",
        "scope": "Namespaced",
        "names": {"plural": "crates", "singular": "crate", "kind": "Crate", "listKind": "CrateList", "shortNames": ["cr8"]},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "description": "A crate.", "properties": PROPERTIES}},
                "subresources": {
                    "status": {},
                    "scale": {
                        "specReplicasPath": ".spec.size",
                        "statusReplicasPath": ".status.size",
                        "labelSelectorPath": ".status.selector",
                    },
                },
                "additionalPrinterColumns": [
                    {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
                    {"name": "Colour", "type": "string", "jsonPath": ".spec.colour", "priority": 1},
                    {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
                ],
            }
        ],
    },
}


@pytest.fixture(scope="module")
def crates(cluster):
    """The cluster, with the definition established."""
    cluster.apply(DEFINITION)
    cluster.kubectl("wait", "--for=condition=Established", "crd/crates.test.example.com", "--timeout=60s")
    yield cluster
    cluster.kubectl("delete", "crd", "crates.test.example.com", "--timeout=60s")


@pytest.fixture
def custom(crates, space):
    return space


def crate(name, **spec):
    return {"apiVersion": "test.example.com/v1", "kind": "Crate", "metadata": {"name": name}, "spec": spec}


def test_defaults_columns_and_short_names(custom):
    assert custom.apply(crate("c", size=2)) == "crate.test.example.com/c created"
    assert custom.json("crate", "c")["spec"] == {"size": 2, "colour": "red"}
    header, line = custom.kubectl("get", "cr8").split("\n")
    assert header.split() == ["NAME", "SIZE", "AGE"] and line.split()[:2] == ["c", "2"]
    header, line = custom.kubectl("get", "cr8", "-o", "wide").split("\n")
    assert header.split() == ["NAME", "SIZE", "COLOUR", "AGE"] and line.split()[:3] == ["c", "2", "red"]
    assert re.search(r"Spec:\n +Colour: +red\n +Size: +2", custom.kubectl("describe", "crate", "c"))


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({}, "spec.size: Required value"),
        ({"size": 11}, "spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10"),
        ({"size": "two"}, 'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"'),
        ({"size": 1, "colour": "blue"}, 'spec.colour: Unsupported value: "blue": supported values: "red", "green"'),
        ({"size": 1, "sise": 1}, 'strict decoding error: unknown field "spec.sise"'),
    ],
)
def test_validation(custom, spec, message):
    assert message in custom.refused("create", "-f", "-", input=crate("wrong", **spec))
    assert custom.run("get", "crates").stdout == ""


def test_status_and_scale_are_subresources(custom):
    custom.apply(crate("c", size=2))
    custom.kubectl("patch", "crate", "c", "--type=merge", "-p", '{"status": {"phase": "Lost"}}')
    assert custom.value("{.status.phase}", "crate", "c") == ""
    change = json.dumps({"spec": {"size": 9}, "status": {"phase": "Full", "size": 2, "selector": "app=c"}})
    custom.kubectl("patch", "crate", "c", "--subresource=status", "--type=merge", "-p", change)
    found = custom.json("crate", "c")
    assert found["status"]["phase"] == "Full" and found["spec"]["size"] == 2
    assert found["metadata"]["generation"] == 1
    custom.kubectl("wait", "--for=jsonpath={.status.phase}=Full", "crate/c", "--timeout=10s")
    assert custom.kubectl("scale", "crate", "c", "--replicas=5") == "crate.test.example.com/c scaled"
    found = custom.json("crate", "c")
    assert found["spec"]["size"] == 5 and found["metadata"]["generation"] == 2
    scale = json.loads(custom.kubectl("get", "crate", "c", "--subresource=scale", "-o", "json"))
    assert scale["kind"] == "Scale" and scale["spec"]["replicas"] == 5
    assert scale["status"] == {"replicas": 2, "selector": "app=c"}


def test_apply_on_the_server_owns_fields(custom):
    def apply(owner, **spec):
        return custom.run("apply", "--server-side", f"--field-manager={owner}", "-f", "-", input=crate("c", **spec))

    assert apply("alice", size=1, limit=5).returncode == 0
    assert 'conflict with "alice": .spec.size' in apply("bob", size=2).stderr
    assert apply("alice", size=1).returncode == 0
    assert "limit" not in custom.json("crate", "c")["spec"]


def test_it_is_explained_and_discovered(custom):
    text = custom.kubectl("explain", "crate.spec")
    assert "KIND:       Crate" in text and re.search(r"size\t<integer> -required-\n +How many there are\.", text)
    recursive = custom.kubectl("explain", "crates", "--recursive")
    assert re.search(r"colour\t<string>", recursive) and re.search(r"phase\t<string>", recursive)
    resources = custom.kubectl("api-resources", "--api-group=test.example.com", "--no-headers").split()
    assert resources == ["crates", "cr8", "test.example.com/v1", "true", "Crate"]


def test_a_definition_goes_with_its_objects(cluster):
    name = "barrels.other.example.com"
    definition = json.loads(json.dumps(DEFINITION).replace("crate", "barrel").replace("Crate", "Barrel"))
    definition["metadata"]["name"] = name
    definition["spec"]["group"] = "other.example.com"
    definition["spec"]["names"]["shortNames"] = []
    cluster.apply(definition)
    cluster.kubectl("wait", "--for=condition=Established", f"crd/{name}", "--timeout=60s")
    barrel = {**crate("b", size=1), "apiVersion": "other.example.com/v1", "kind": "Barrel"}
    cluster.within("default").apply(barrel)
    cluster.kubectl("delete", "crd", name, "--timeout=60s")
    assert "the server doesn't have a resource type" in cluster.refused("get", "barrels")
    cluster.apply(definition)
    cluster.kubectl("wait", "--for=condition=Established", f"crd/{name}", "--timeout=60s")
    assert cluster.run("get", "barrels", "-A", "-o", "name").stdout == ""
    cluster.kubectl("delete", "crd", name, "--timeout=60s")


def test_a_wrong_definition_is_refused(cluster):
    wrong = json.loads(json.dumps(DEFINITION))
    wrong["metadata"]["name"] = "boxes.test.example.com"
    text = cluster.refused("create", "-f", "-", input=wrong)
    assert 'must be spec.names.plural+"."+spec.group' in text
