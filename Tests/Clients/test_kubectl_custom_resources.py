"""kubectl defines custom resources and works with what they define."""

import copy
import re

import pytest
from cluster import WIDGETS, widget


def definition(plural, kind, scope="Namespaced", group="test.example.com", **version):
    """A definition with a schema that takes anything."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group, "scope": scope, "names": {"plural": plural, "kind": kind},
            "versions": [{
                "name": "v1", "served": True, "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
                **version,
            }],
        },
    }


def test_objects_are_shown_in_the_columns_that_the_definition_asks_for(kubectl, widgets):
    kubectl.apply(widget())
    kubectl("patch", "widget", "one", "--type=merge", "--subresource=status", "-p",
            '{"status":{"conditions":[{"type":"Ready","status":"True"}]}}')
    shown = kubectl("get", "wd")
    assert shown.lines[0].split() == ["NAME", "SIZE", "READY", "AGE"]
    assert shown.table[0][:3] == ["one", "3", "True"]
    assert re.fullmatch(r"\d+s", shown.table[0][3])
    wide = kubectl("get", "widgets.example.com", "-o", "wide")
    assert wide.lines[0].split() == ["NAME", "SIZE", "READY", "COLOUR", "AGE"]
    assert wide.table[0][3] == "red"
    assert "widget.example.com/one" in kubectl("get", "all", "-o", "name").lines


def test_objects_are_checked_against_the_schema_and_completed_by_it(kubectl, widgets):
    assert kubectl("create", "-f", "-", "-o", "jsonpath={.spec.colour}", input=widget()).output == "red"
    for value, complaint in [
        (widget("a", size=-1), "spec.size: Invalid value: -1: spec.size in body should be greater than or equal to 0"),
        (widget("a", size=101), "should be less than or equal to 100"),
        (widget("a", colour="blue"), 'spec.colour: Unsupported value: "blue": supported values: "red", "green"'),
        ({**widget("a"), "spec": {}}, "spec.size: Required value"),
        ({**widget("a"), "spec": {"size": "large"}}, "spec.size: Invalid value"),
    ]:
        assert complaint in kubectl.fails("create", "-f", "-", input=value)
    assert 'unknown field "spec.shape"' in kubectl.fails("create", "-f", "-", input=widget("b", shape="round"))
    kubectl("create", "--validate=ignore", "-f", "-", input=widget("b", shape="round"))
    assert kubectl("get", "widget", "b", "-o", "jsonpath={.spec}").output == '{"colour":"red","size":3}'


def test_status_and_generation_are_apart_from_the_specification(kubectl, widgets):
    kubectl.apply(widget())
    generation = lambda: kubectl("get", "widget", "one", "-o", "jsonpath={.metadata.generation}").output
    assert generation() == "1"
    kubectl("patch", "widget", "one", "--type=merge", "--subresource=status", "-p", '{"status":{"size":2},"spec":{"size":9}}')
    assert kubectl("get", "widget", "one", "-o", "jsonpath={.spec.size} {.status.size}").output == "3 2"
    assert generation() == "1"
    kubectl("patch", "widget", "one", "--type=merge", "-p", '{"status":{"size":7},"spec":{"size":4}}')
    assert kubectl("get", "widget", "one", "-o", "jsonpath={.spec.size} {.status.size}").output == "4 2"
    assert generation() == "2"
    kubectl("label", "widget", "one", "a=b")
    assert generation() == "2"


def test_patch_apply_and_diff_of_custom_objects(kubectl, widgets):
    kubectl.apply(widget())
    refused = kubectl.fails("patch", "widget", "one", "--type=strategic", "-p", '{"spec":{"size":5}}')
    assert "application/strategic-merge-patch+json is not supported by example.com/v1, Kind=Widget" in refused
    kubectl("patch", "widget", "one", "--type=json", "-p", '[{"op":"replace","path":"/spec/size","value":5}]')
    assert kubectl("get", "widget", "one", "-o", "jsonpath={.spec.size}").output == "5"
    changed = kubectl.run("diff", "-f", "-", input=widget(size=6))
    assert changed.status == 1 and "+  size: 6" in changed.output
    conflict = kubectl.fails("apply", "--server-side", "--field-manager=other", "-f", "-", input=widget(size=8))
    assert "conflict" in conflict and ".spec.size" in conflict
    kubectl("apply", "--server-side", "--field-manager=other", "--force-conflicts", "-f", "-", input=widget(size=8))
    assert kubectl("get", "widget", "one", "-o", "jsonpath={.spec.size}").output == "8"
    kubectl("wait", "--for=jsonpath={.spec.size}=8", "widget/one", "--timeout=200s")


def test_a_definition_comes_and_goes_with_its_objects(kubectl):
    kubectl.apply(definition("gadgets", "Gadget"))
    kubectl("wait", "--for=condition=Established", "crd/gadgets.test.example.com", "--timeout=200s")
    value = {"apiVersion": "test.example.com/v1", "kind": "Gadget", "metadata": {"name": "g"}, "any": {"thing": [1, 2]}}
    kubectl.apply(value)
    assert kubectl("get", "gadgets", "g", "-o", "jsonpath={.any.thing}").output == "[1,2]"
    table = kubectl("get", "gadgets")
    assert table.lines[0].split() == ["NAME", "AGE"]
    assert re.match(r"gadgets\.test\.example\.com +\d{4}-", kubectl("get", "crd", "gadgets.test.example.com").lines[1])
    kubectl("delete", "crd", "gadgets.test.example.com", "--timeout=200s")
    assert "gadgets.test.example.com" not in kubectl("api-resources", "-o", "name").lines
    assert "the server doesn't have a resource type" in kubectl.fails("get", "gadgets")
    kubectl.apply(definition("gadgets", "Gadget"))
    kubectl.until(lambda: kubectl.run("get", "gadgets").status == 0, "the definition is back")
    assert kubectl("get", "gadgets", "-o", "name").output == ""
    kubectl("delete", "crd", "gadgets.test.example.com", "--timeout=200s")


def test_cluster_wide_and_several_versions(kubectl):
    several = definition("planets", "Planet", scope="Cluster")
    version = several["spec"]["versions"][0]
    several["spec"]["versions"] = [{**version, "name": "v1beta1", "storage": False}, version, {**version, "name": "v1alpha1", "served": False, "storage": False}]
    kubectl.apply(several)
    kubectl("wait", "--for=condition=Established", "crd/planets.test.example.com", "--timeout=200s")
    kubectl.apply({"apiVersion": "test.example.com/v1beta1", "kind": "Planet", "metadata": {"name": "mars"}, "moons": 2})
    assert kubectl("get", "planets", "mars", "-o", "jsonpath={.apiVersion} {.moons}").output == "test.example.com/v1 2"
    assert kubectl("get", "planets.v1beta1.test.example.com", "mars", "-o", "jsonpath={.apiVersion}").output == "test.example.com/v1beta1"
    assert [v for v in kubectl("api-versions").lines if v.startswith("test.example.com")] == ["test.example.com/v1", "test.example.com/v1beta1"]
    kubectl("delete", "crd", "planets.test.example.com", "--timeout=200s")


@pytest.mark.parametrize("change, complaint", [
    (lambda crd: crd["metadata"].update(name="wrong.example.com"), "must be spec.names.plural+\".\"+spec.group"),
    (lambda crd: crd["spec"]["versions"][0].update(storage=False), "must have exactly one version marked as storage version"),
    (lambda crd: crd["spec"]["versions"][0].pop("schema"), "schemas are required"),
    (lambda crd: crd["spec"].update(scope="Galaxy"), 'supported values: "Cluster", "Namespaced"'),
])
def test_definitions_that_break_rules_are_refused(kubectl, change, complaint):
    crd = copy.deepcopy(WIDGETS)
    crd["metadata"]["name"] = "doodads.example.net"
    crd["spec"]["group"] = "example.net"
    crd["spec"]["names"] = {"plural": "doodads", "kind": "Doodad"}
    change(crd)
    assert complaint in kubectl.fails("create", "-f", "-", input=crd)
