import JSON
import KubernetesModel
import KubernetesSchema

/// What every object passes on its way into the store, whoever writes it.
enum Admission {
    static func prepareForCreate(
        _ object: inout KubernetesObject,
        _ definition: ResourceDefinition,
        _ state: ClusterState,
        _ options: WriteOptions
    ) throws(APIStatus) {
        fillFromSchema(&object, definition, state)
        let strategy = Strategies[definition.groupResource]
        strategy.prepareForCreate(&object, state, now: options.now)
        strategy.allocate(&object, state)
        try refuse(strategy.allocationCauses(object, state), object, definition)
    }

    static func prepareForUpdate(
        _ object: inout KubernetesObject,
        _ present: KubernetesObject,
        _ definition: ResourceDefinition,
        _ part: ObjectPart,
        _ state: ClusterState
    ) throws(APIStatus) {
        fillFromSchema(&object, definition, state)
        let strategy = Strategies[definition.groupResource]
        strategy.prepareForUpdate(&object, present, part)
        if part == .main {
            strategy.allocate(&object, state)
            try refuse(strategy.allocationCauses(object, state), object, definition)
            try refuse(strategy.causes(in: object, changedFrom: present), object, definition)
        }
    }

    /// Gives custom resources the defaults of their definition and takes away what it does not know.
    private static func fillFromSchema(
        _ object: inout KubernetesObject,
        _ definition: ResourceDefinition,
        _ state: ClusterState
    ) {
        guard definition.isCustom, let schema = ObjectSchemas.schema(of: definition, state) else { return }
        object.json = schema.applyDefaults(schema.prune(object.json))
    }

    static func validate(
        _ object: KubernetesObject,
        _ definition: ResourceDefinition,
        _ state: ClusterState
    ) throws(APIStatus) {
        var causes = ObjectName.causes(in: object, definition)
        causes += Strategies[definition.groupResource].causes(in: object)
        // What is about to go need not keep rules that came after it.
        if !object.isBeingDeleted, let schema = ObjectSchemas.schema(of: definition, state) {
            let known = Set(causes.map(\.field))
            causes += schema.validate(object.json).filter { !known.contains($0.field) }
        }
        try refuse(causes, object, definition)
    }

    private static func refuse(
        _ causes: [APIStatus.Cause],
        _ object: KubernetesObject,
        _ definition: ResourceDefinition
    ) throws(APIStatus) {
        if !causes.isEmpty { throw APIStatus.invalid(definition.objectType, object.name, causes) }
    }

    static func gracePeriod(
        of object: KubernetesObject,
        _ definition: ResourceDefinition,
        _ options: DeleteOptions
    ) -> Int64 {
        Strategies[definition.groupResource].gracePeriod(of: object, options)
    }

    static func mustStayForDeletion(
        _ object: KubernetesObject,
        _ definition: ResourceDefinition,
        grace: Int64
    ) -> Bool {
        Strategies[definition.groupResource].mustStay(object, grace: grace)
    }

    /// Whether an object that is being deleted, and has lost its last finalizer, still waits for somebody.
    static func mustStay(_ object: KubernetesObject, _ definition: ResourceDefinition) -> Bool {
        let grace = object.json["metadata"]?["deletionGracePeriodSeconds"]?.integerValue ?? 0
        return Strategies[definition.groupResource].mustStay(object, grace: grace)
    }

    static func markDeletion(_ object: inout KubernetesObject, _ definition: ResourceDefinition) {
        Strategies[definition.groupResource].markDeletion(&object)
    }
}

/// The rules for names, labels and annotations of all objects.
enum ObjectName {
    private static let rule =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end "
        + "with an alphanumeric character (e.g. 'example.com', regex used for validation is "
        + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

    /// Resources whose names may have any character that a path segment can hold.
    private static func allowsAnySegment(_ definition: ResourceDefinition) -> Bool {
        definition.group == "rbac.authorization.k8s.io"
    }

    static func causes(in object: KubernetesObject, _ definition: ResourceDefinition) -> [APIStatus.Cause] {
        var causes: [APIStatus.Cause] = []
        let name = object.name
        if allowsAnySegment(definition) {
            if name.isEmpty || name == "." || name == ".." || name.contains("/") || name.contains("%") {
                causes.append(invalid(name, "may not be '.', '..' or contain '/' or '%'", "metadata.name"))
            }
        } else if !NameSyntax.isSubdomain(name) {
            causes.append(invalid(name, rule, "metadata.name"))
        }
        for (key, value) in object.labels.sorted(by: { $0.key < $1.key }) {
            if !NameSyntax.isQualifiedName(key) {
                causes.append(
                    invalid(
                        key,
                        "name part must consist of alphanumeric characters, '-', '_' or '.'",
                        "metadata.labels"
                    )
                )
            }
            if !NameSyntax.isLabelValue(value) {
                causes.append(
                    invalid(
                        value,
                        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
                            + "start and end with an alphanumeric character",
                        "metadata.labels"
                    )
                )
            }
        }
        for key in object.annotations.keys.sorted() where !NameSyntax.isQualifiedName(key.lowercased()) {
            causes.append(
                invalid(
                    key,
                    "name part must consist of alphanumeric characters, '-', '_' or '.'",
                    "metadata.annotations"
                )
            )
        }
        return causes
    }

    private static func invalid(_ value: String, _ why: String, _ field: String) -> APIStatus.Cause {
        .init(reason: "FieldValueInvalid", message: "Invalid value: \"\(value)\": \(why)", field: field)
    }
}
