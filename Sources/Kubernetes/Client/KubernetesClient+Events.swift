public import JSON
internal import KubernetesModel

extension KubernetesClient {
    /// What was reported about an object (`Event` of the core group), the oldest first.
    ///
    /// - Parameters:
    ///   - kind: the object's kind.
    ///   - name: the object's name.
    ///   - uid: the object's UID, where events about earlier objects of that name do not count.
    public func events(
        about kind: String,
        _ name: String,
        uid: String? = nil,
        namespace: String
    ) async throws(KubernetesError) -> [JSONValue] {
        var requirements = [
            FieldSelector.Requirement(path: "involvedObject.kind", value: kind),
            FieldSelector.Requirement(path: "involvedObject.name", value: name),
        ]
        if let uid { requirements.append(.init(path: "involvedObject.uid", value: uid)) }
        let list = try await list(
            GroupVersionResource(version: "v1", resource: "events"),
            namespace: namespace,
            ObjectSelection(fields: FieldSelector(requirements))
        )
        return list.items.map { (time: Self.time(of: $0), event: $0) }.sorted { $0.time < $1.time }.map(
            \.event
        )
    }

    /// When an event was last seen. Events of newer reporters have only a time of the first sight, or of the series.
    private static func time(of event: JSONValue) -> Timestamp {
        let texts = [
            event["series"]?["lastObservedTime"], event["lastTimestamp"], event["eventTime"],
            event["firstTimestamp"],
            event["metadata"]?["creationTimestamp"],
        ]
        return texts.lazy.compactMap { $0?.stringValue.flatMap { Timestamp(rfc3339: $0) } }.first
            ?? Timestamp(secondsSinceEpoch: 0)
    }
}
