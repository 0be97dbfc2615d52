import JSON

/// The custom resource definitions of KServe, with the members that its controller acts on (pkg/apis/serving).
enum KServeDefinitions {
    private static let integer: JSONValue = ["type": "integer", "format": "int32"]
    private static let texts = Schema.list(of: Schema.text)
    private static let containers = Schema.list(of: Schema.open(["name": Schema.text]))

    private static let modelFormat = Schema.open(
        ["name": Schema.text, "version": Schema.text],
        required: ["name"]
    )

    private static let component: JSONValue = [
        "minReplicas": integer, "maxReplicas": integer, "scaleTarget": integer, "scaleMetric": Schema.text,
        "containerConcurrency": ["type": "integer", "format": "int64"],
        "timeout": ["type": "integer", "format": "int64"],
        "canaryTrafficPercent": ["type": "integer", "format": "int64"], "labels": Schema.texts,
        "annotations": Schema.texts, "containers": containers, "deploymentStrategy": Schema.anything,
        "nodeSelector": Schema.texts, "serviceAccountName": Schema.text,
        "tolerations": Schema.list, "volumes": Schema.list,
    ]

    private static let predictor = Schema.open(
        component.with(
            "model",
            Schema.open(
                [
                    "modelFormat": modelFormat, "runtime": Schema.text, "runtimeVersion": Schema.text,
                    "protocolVersion": Schema.text, "storageUri": Schema.text, "storage": Schema.anything,
                    "args": texts, "command": texts, "env": Schema.list, "image": Schema.text,
                    "resources": Schema.anything,
                ],
                required: ["modelFormat"]
            )
        )
    )

    private static let modelStatus = Schema.open([
        "transitionStatus": Schema.choice(
            "",
            "UpToDate",
            "InProgress",
            "BlockedByFailedLoad",
            "InvalidSpec"
        ),
        "states": Schema.open(["activeModelState": state, "targetModelState": state]),
        "copies": Schema.open(["failedCopies": ["type": "integer"], "totalCopies": ["type": "integer"]]),
        "lastFailureInfo": Schema.open([
            "reason": Schema.text, "message": Schema.text, "location": Schema.text, "exitCode": integer,
        ]),
    ])

    private static let state = Schema.choice("", "Pending", "Standby", "Loading", "Loaded", "FailedToLoad")

    static let service = CustomDefinition(
        group: "serving.kserve.io",
        kind: KServeOperator.kind,
        plural: "inferenceservices",
        shortNames: ["isvc"],
        versions: [
            CustomDefinition.Version(
                name: "v1beta1",
                members: [
                    "spec": Schema.open(
                        [
                            "predictor": predictor, "transformer": Schema.open(component),
                            "explainer": Schema.open(component),
                        ],
                        required: ["predictor"]
                    ),
                    "status": Schema.status([
                        "url": Schema.text, "address": Schema.open(["url": Schema.text]),
                        "components": Schema.map(of: Schema.open(["url": Schema.text])),
                        "modelStatus": modelStatus, "deploymentMode": Schema.text,
                        "observedGeneration": Schema.number,
                    ]),
                ],
                columns: [
                    .init("URL", ".status.url"),
                    .init("Ready", ".status.conditions[?(@.type=='Ready')].status"),
                    .init(
                        "Prev",
                        ".status.components.predictor.traffic[?(@.tag=='prev')].percent",
                        type: "integer"
                    ),
                    .init(
                        "Latest",
                        ".status.components.predictor.traffic[?(@.latestRevision==true)].percent",
                        type: "integer"
                    ),
                    .init(
                        "PrevRolledoutRevision",
                        ".status.components.predictor.traffic[?(@.tag=='prev')].revisionName"
                    ),
                    .init(
                        "LatestReadyRevision",
                        ".status.components.predictor.traffic[?(@.latestRevision==true)].revisionName"
                    ),
                    .init("Age", ".metadata.creationTimestamp", type: "date"),
                ]
            )
        ]
    )

    private static let runtimeSpec = Schema.open(
        [
            "supportedModelFormats": Schema.list(
                of: Schema.open(
                    [
                        "name": Schema.text, "version": Schema.text, "autoSelect": Schema.flag,
                        "priority": integer,
                    ],
                    required: ["name"]
                )
            ),
            "protocolVersions": texts, "disabled": Schema.flag, "multiModel": Schema.flag,
            "containers": Schema.list(of: Schema.open(["name": Schema.text], required: ["name"])),
            "annotations": Schema.texts, "labels": Schema.texts, "volumes": Schema.list,
            "nodeSelector": Schema.texts, "tolerations": Schema.list,
        ],
        required: ["containers"]
    )

    private static func runtime(_ kind: String, isNamespaced: Bool) -> CustomDefinition {
        CustomDefinition(
            group: "serving.kserve.io",
            kind: kind,
            plural: kind.lowercased() + "s",
            isNamespaced: isNamespaced,
            versions: [
                CustomDefinition.Version(
                    name: "v1alpha1",
                    members: ["spec": runtimeSpec, "status": Schema.anything],
                    columns: [
                        .init("Disabled", ".spec.disabled", type: "boolean"),
                        .init("ModelType", ".spec.supportedModelFormats[*].name"),
                        .init("Containers", ".spec.containers[*].name"),
                        .init("Age", ".metadata.creationTimestamp", type: "date"),
                    ]
                )
            ]
        )
    }

    static let runtime = runtime("ServingRuntime", isNamespaced: true)
    static let clusterRuntime = runtime("ClusterServingRuntime", isNamespaced: false)
}
