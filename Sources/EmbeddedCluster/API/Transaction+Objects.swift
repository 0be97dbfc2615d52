import JSON
import KubernetesModel

/// The rules by which the API server writes objects.
extension Transaction {
    /// Stores a new object.
    mutating func create(
        _ definition: ResourceDefinition,
        _ object: KubernetesObject,
        _ options: WriteOptions
    ) throws(APIStatus) -> KubernetesObject {
        var object = object
        try Self.checkType(of: object, definition)
        object.json["apiVersion"] = .string(definition.groupVersion.apiVersion)
        object.json["kind"] = .string(definition.kind)
        if object.name.isEmpty { object.name = try generatedName(for: object, definition) }
        try admitNamespace(of: &object, definition)
        guard state.object(definition.groupResource, ObjectKey(object)) == nil else {
            throw APIStatus.alreadyExists(definition.groupResource, object.name)
        }
        if !object.resourceVersion.isEmpty {
            throw APIStatus.badRequest("resourceVersion should not be set on objects to be created")
        }
        object.uid = UUIDText.random()
        object.json[at: "metadata", "creationTimestamp"] = .string(options.now.kubernetesTime)
        for key in ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"] {
            object.json[at: "metadata", key] = nil
        }
        if definition.hasGeneration {
            object.generation = 1
        } else {
            object.json[at: "metadata", "generation"] = nil
        }
        if definition.hasStatus { object.json["status"] = nil }
        try Admission.prepareForCreate(&object, definition, state, options)
        try Admission.validate(object, definition, state)
        FieldOwnership.record(nil, &object, definition, .main, state, options)
        return put(definition.groupResource, object)
    }

    /// Stores a change of one part of an object; what is the same is not written again.
    mutating func replace(
        _ definition: ResourceDefinition,
        _ present: KubernetesObject,
        with object: KubernetesObject,
        _ part: ObjectPart,
        _ options: WriteOptions
    ) throws(APIStatus) -> KubernetesObject {
        var object = object
        try Self.checkType(of: object, definition)
        try checkIdentity(of: object, present, definition)
        keepWhatServersSet(in: &object, present)
        if definition.hasStatus {
            switch part {
            case .main, .scale:
                object.json["status"] = present.json["status"]
            case .status:
                let status = object.json["status"]
                let metadata = object.json["metadata"]
                object.json = present.json
                object.json["status"] = status
                for key in ["labels", "annotations", "managedFields", "finalizers"]
                where definition.isCustom == false {
                    object.json[at: "metadata", key] = metadata?[key]
                }
            }
        }
        try Admission.prepareForUpdate(&object, present, definition, part, state)
        if object.json == present.json { return present }
        if definition.hasGeneration, definition.desiredStateDiffers(object, present) {
            object.generation = present.generation + 1
        }
        try Admission.validate(object, definition, state)
        FieldOwnership.record(present, &object, definition, part, state, options)
        if object.isBeingDeleted, object.finalizers.isEmpty, !Admission.mustStay(object, definition) {
            return remove(definition.groupResource, ObjectKey(object)) ?? object
        }
        return put(definition.groupResource, object)
    }

    private static func checkType(
        of object: KubernetesObject,
        _ definition: ResourceDefinition
    ) throws(APIStatus) {
        if !object.kind.isEmpty, object.kind != definition.kind {
            throw APIStatus.badRequest(
                "\(definition.kind) in version \"\(definition.version)\" cannot be handled as a \(object.kind): "
                    + "the kind in the data (\(object.kind)) does not match the expected kind (\(definition.kind))"
            )
        }
        if let type = object.type, type.group != definition.group, !object.apiVersion.isEmpty {
            throw APIStatus.badRequest(
                "the API version in the data (\(object.apiVersion)) does not match the expected API version "
                    + "(\(definition.groupVersion.apiVersion))"
            )
        }
        guard object.json["metadata"] == nil || object.json["metadata"]?.objectValue != nil else {
            throw APIStatus.badRequest("metadata: must be an object")
        }
    }

    /// As apiserver's SimpleNameGenerator: the base cut to 58 characters and five of an alphabet without vowels and lookalikes.
    private func generatedName(
        for object: KubernetesObject,
        _ definition: ResourceDefinition
    ) throws(APIStatus) -> String {
        let base = object.json["metadata"]?["generateName"]?.stringValue ?? ""
        guard !base.isEmpty else {
            throw APIStatus.invalid(
                definition.objectType,
                "",
                [
                    .init(
                        reason: "FieldValueRequired",
                        message: "Required value: name or generateName is required",
                        field: "metadata.name"
                    )
                ]
            )
        }
        let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
        for _ in 0..<8 {
            let name = String(base.prefix(58)) + String((0..<5).compactMap { _ in alphabet.randomElement() })
            if state.object(definition.groupResource, object.namespace, name) == nil { return name }
        }
        throw APIStatus(
            code: 409,
            reason: .alreadyExists,
            message: "the server was not able to generate a unique name for the object"
        )
    }

    private func admitNamespace(
        of object: inout KubernetesObject,
        _ definition: ResourceDefinition
    ) throws(APIStatus) {
        guard definition.isNamespaced else {
            object.namespace = ""
            return
        }
        guard let namespace = state.object(.namespaces, ObjectKey(name: object.namespace)) else {
            throw APIStatus.notFound(.namespaces, object.namespace)
        }
        if namespace.isBeingDeleted {
            var status = APIStatus.forbidden(
                definition.groupResource,
                object.name,
                "unable to create new content in namespace \(object.namespace) because it is being terminated"
            )
            status.causes = [
                .init(
                    reason: "NamespaceTerminating",
                    message: "namespace \(object.namespace) is being terminated",
                    field: "metadata.namespace"
                )
            ]
            throw status
        }
    }

    private func checkIdentity(
        of object: KubernetesObject,
        _ present: KubernetesObject,
        _ definition: ResourceDefinition
    ) throws(APIStatus) {
        if !object.resourceVersion.isEmpty, object.resourceVersion != present.resourceVersion {
            throw APIStatus.staleObject(definition.groupResource, present.name)
        }
        if !object.uid.isEmpty, object.uid != present.uid {
            throw APIStatus.conflict(
                definition.groupResource,
                present.name,
                "Precondition failed: UID in precondition: \(object.uid), UID in object meta: \(present.uid)"
            )
        }
        for (field, old, new) in [
            ("name", present.name, object.name), ("namespace", present.namespace, object.namespace),
        ] where old != new {
            throw APIStatus.invalid(
                definition.objectType,
                present.name,
                [
                    .init(
                        reason: "FieldValueInvalid",
                        message: "Invalid value: \"\(new)\": field is immutable",
                        field: "metadata.\(field)"
                    )
                ]
            )
        }
    }

    /// Restores what no client may change.
    private func keepWhatServersSet(in object: inout KubernetesObject, _ present: KubernetesObject) {
        object.json["apiVersion"] = present.json["apiVersion"]
        object.json["kind"] = present.json["kind"]
        for key in [
            "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation",
            "resourceVersion", "generateName",
        ] {
            object.json[at: "metadata", key] = present.json["metadata"]?[key]
        }
    }
}

extension ResourceDefinition {
    /// Whether objects count the changes of what is wished for. Plain data, such as config maps, does not.
    var hasGeneration: Bool {
        isCustom
            || [
                .pods, .deployments, .replicaSets, .statefulSets, .daemonSets, .jobs,
                .customResourceDefinitions,
                .endpointSlices, GroupResource(group: "policy", resource: "poddisruptionbudgets"),
                GroupResource(group: "scheduling.k8s.io", resource: "priorityclasses"),
            ].contains(groupResource)
    }

    /// Whether anything differs but the metadata and a status that is apart.
    func desiredStateDiffers(_ left: KubernetesObject, _ right: KubernetesObject) -> Bool {
        var left = left.json
        var right = right.json
        for key in hasStatus ? ["metadata", "status"] : ["metadata"] {
            left[key] = nil
            right[key] = nil
        }
        return left != right
    }
}
