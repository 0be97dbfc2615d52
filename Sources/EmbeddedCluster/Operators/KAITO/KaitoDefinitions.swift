import JSON

/// The custom resource definitions of KAITO, with the members that its operator acts on (api/v1beta1 and api/v1alpha1).
enum KaitoDefinitions {
    private static let integer: JSONValue = ["type": "integer"]

    private static let labelSelector = Schema.open([
        "matchLabels": Schema.texts, "matchExpressions": Schema.list,
    ])

    private static let preset = Schema.open(
        [
            "name": Schema.text,
            "accessMode": ["type": "string", "enum": ["public", "private"], "default": "public"],
            "presetOptions": Schema.open([
                "image": Schema.text, "imagePullSecrets": Schema.list(of: Schema.text),
                "modelAccessSecret": Schema.text,
            ]),
        ],
        required: ["name"]
    )

    private static let inference = Schema.open([
        "preset": preset, "template": Schema.anything, "config": Schema.text, "adapters": Schema.list,
    ])

    private static let condition = ".status.conditions[?(@.type==\"%\")].status"

    private static func column(_ name: String) -> CustomDefinition.Column {
        .init(name, condition.replacing("%", with: name))
    }

    static let workspace = CustomDefinition(
        group: "kaito.sh",
        kind: KaitoOperator.kind,
        plural: "workspaces",
        shortNames: ["wk", "wks"],
        categories: ["workspace"],
        versions: [
            CustomDefinition.Version(
                name: "v1beta1",
                members: [
                    "resource": Schema.open(
                        [
                            "count": ["type": "integer", "default": 1], "instanceType": Schema.text,
                            "labelSelector": labelSelector, "preferredNodes": Schema.list(of: Schema.text),
                        ],
                        required: ["labelSelector"]
                    ),
                    "inference": inference,
                    "tuning": Schema.open(
                        [
                            "preset": preset, "method": Schema.text, "config": Schema.text,
                            "input": Schema.anything, "output": Schema.anything,
                        ],
                        required: ["input", "output"]
                    ),
                    "status": Schema.status([
                        "workerNodes": Schema.list(of: Schema.text),
                        "targetNodeCount": ["type": "integer", "format": "int32"],
                    ]),
                ],
                columns: [
                    .init("Instance", ".resource.instanceType"), column("ResourceReady"),
                    column("InferenceReady"), column("JobStarted"), column("WorkspaceSucceeded"),
                    .init("Age", ".metadata.creationTimestamp", type: "date"),
                ]
            )
        ]
    )

    /// It is installed too; the operator looks at its objects only with a feature gate that is off by default.
    static let inferenceSet = CustomDefinition(
        group: "kaito.sh",
        kind: "InferenceSet",
        plural: "inferencesets",
        shortNames: ["is", "isets"],
        categories: ["inferenceset"],
        versions: [
            CustomDefinition.Version(
                name: "v1alpha1",
                members: [
                    "spec": Schema.open(
                        [
                            "labelSelector": labelSelector, "nodeCountLimit": integer, "replicas": integer,
                            "template": Schema.open(["inference": inference, "resource": Schema.anything]),
                        ],
                        required: ["labelSelector", "template"]
                    ),
                    "status": Schema.status(["readyReplicas": integer, "replicas": integer]),
                ],
                columns: [
                    .init("Replicas", ".spec.replicas", type: "integer"),
                    .init("ReadyReplicas", ".status.readyReplicas", type: "integer"),
                    .init("Age", ".metadata.creationTimestamp", type: "date"),
                ]
            )
        ]
    )
}
