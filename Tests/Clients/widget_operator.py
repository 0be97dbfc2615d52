"""An operator for the tests' widgets, run by kopf: a config map for each widget, and a status that follows its size."""

import kopf
import kubernetes


@kopf.on.startup()
def configure(settings, **_):
    # So long kopf waits for the event of its own change. When it stops waiting it takes the object to be what it was before, and calls
    # again those who have done their work: what they make is then there already.
    settings.persistence.consistency_timeout = 120


@kopf.on.login()
def login(**arguments):
    return kopf.login_via_client(**arguments)


def core():
    return kubernetes.client.CoreV1Api()


def document(name, spec):
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": f"widget-{name}", "labels": {"widget": name}},
        "data": {"size": str(spec["size"])},
    }
    kopf.adopt(body)
    return body


@kopf.on.create("example.com", "v1", "widgets")
def create(name, namespace, spec, body, patch, **_):
    core().create_namespaced_config_map(namespace, document(name, spec))
    patch.status["size"] = spec["size"]
    kopf.info(body, reason="Made", message="made the config map")


@kopf.on.update("example.com", "v1", "widgets", field="spec.size")
def update(name, namespace, spec, patch, **_):
    core().replace_namespaced_config_map(f"widget-{name}", namespace, document(name, spec))
    patch.status["size"] = spec["size"]


@kopf.on.delete("example.com", "v1", "widgets")
def delete(name, namespace, **_):
    farewell = {"metadata": {"name": "farewell"}, "data": {"name": name}}
    core().create_namespaced_config_map(namespace, farewell)
