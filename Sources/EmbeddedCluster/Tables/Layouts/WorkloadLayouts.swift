import JSON
import KubernetesModel

/// The controllers of pods as rows.
enum WorkloadLayouts {
    private static let containers: [TableColumn] = [
        .wide("Containers", "The names of the containers in the template."),
        .wide("Images", "The images of the containers in the template."),
    ]
    private static let selector = TableColumn.wide("Selector", "Which pods belong to it.")

    private static func integer(_ name: String, _ description: String) -> TableColumn {
        TableColumn(name, description, type: "integer")
    }

    private static func templateCells(_ object: KubernetesObject) -> [JSONValue] {
        KubernetesObject.containerCells(object.spec["template"]?["spec"])
    }

    private static func ready(_ object: KubernetesObject) -> JSONValue {
        let ready = object.status["readyReplicas"]?.integerValue ?? 0
        return .string("\(ready)/\(object.spec["replicas"]?.integerValue ?? 1)")
    }

    static let deployments = TableLayout(
        [
            .objectName,
            TableColumn("Ready", "How many of the wanted pods are ready."),
            TableColumn("Up-to-date", "How many pods follow the present template."),
            TableColumn("Available", "How many pods have been ready for long enough."),
            .age,
        ] + containers + [selector]
    ) { object, now in
        [
            object.nameCell, ready(object), .count(object.status["updatedReplicas"]),
            .count(object.status["availableReplicas"]), object.ageCell(now),
        ] + templateCells(object) + [KubernetesObject.selectorCell(object.spec["selector"])]
    }

    static let replicaSets = TableLayout(
        [
            .objectName,
            integer("Desired", "How many pods there should be."),
            integer("Current", "How many pods there are."),
            integer("Ready", "How many pods are ready."),
            .age,
        ] + containers + [selector]
    ) { object, now in
        [
            object.nameCell, .integer(object.spec["replicas"]?.integerValue ?? 1),
            .count(object.status["replicas"]), .count(object.status["readyReplicas"]), object.ageCell(now),
        ] + templateCells(object) + [KubernetesObject.selectorCell(object.spec["selector"])]
    }

    static let statefulSets = TableLayout(
        [.objectName, TableColumn("Ready", "How many of the wanted pods are ready."), .age] + containers
    ) { object, now in
        [object.nameCell, ready(object), object.ageCell(now)] + templateCells(object)
    }

    static let daemonSets = TableLayout(
        [
            .objectName,
            integer("Desired", "On how many nodes a pod should run."),
            integer("Current", "On how many of them one runs."),
            integer("Ready", "How many pods are ready."),
            integer("Up-to-date", "How many pods follow the present template."),
            integer("Available", "How many pods have been ready for long enough."),
            TableColumn("Node Selector", "The labels of the nodes on which pods run."),
            .age,
        ] + containers + [selector]
    ) { object, now in
        let counts = [
            "desiredNumberScheduled", "currentNumberScheduled", "numberReady", "updatedNumberScheduled",
            "numberAvailable",
        ].map { JSONValue.count(object.status[$0]) }
        return [object.nameCell] + counts
            + [
                KubernetesObject.labelsCell(object.spec["template"]?["spec"]?["nodeSelector"]),
                object.ageCell(now),
            ] + templateCells(object) + [KubernetesObject.selectorCell(object.spec["selector"])]
    }

    static let controllerRevisions = TableLayout([
        .objectName,
        TableColumn("Controller", "The object that this is a revision of."),
        TableColumn("Revision", "The number of the revision."),
        .age,
    ]) { object, now in
        [
            object.nameCell, .string(controller(of: object)), .count(object.json["revision"]),
            object.ageCell(now),
        ]
    }

    private static func controller(of object: KubernetesObject) -> String {
        guard let owner = object.controller else { return "<none>" }
        let group = GroupVersion(apiVersion: owner.apiVersion)?.group ?? ""
        let kind = owner.kind.lowercased()
        return group.isEmpty ? "\(kind)/\(owner.name)" : "\(kind).\(group)/\(owner.name)"
    }
}
