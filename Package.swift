// swift-tools-version: 6.2

import PackageDescription

/// Settings that every Swift target of this package shares.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
    // Tests, which are debug builds, check exclusive access at run time. A release build does without: the checks cost a
    // call for each touch of an event loop's state.
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

/// The commit that is built. The manifest may be evaluated less often than commits are made, so the Makefile gives the commit
/// in the environment, a change of which is always seen.
let commit =
    Context.environment["INGOT_GIT_COMMIT"].flatMap { $0.isEmpty ? nil : $0 }
    ?? Context.gitInformation?.currentCommit ?? "unknown"

/// Whether the fuzzing program is built instead of the tests: Tests/Fuzz/run sets the variable.
let isFuzzing = Context.environment["INGOT_FUZZ"] != nil

/// What the fuzzing program and what it examines are compiled with: optimised, with internals within reach, with all checks,
/// and noting for libFuzzer which branches were taken.
let examined: [SwiftSetting] =
    isFuzzing
    ? strict + [.unsafeFlags(["-enable-testing", "-sanitize=fuzzer", "-enforce-exclusivity=checked"])]
    : strict

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
    name: "ingot",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "ingot", targets: ["ingot"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        // Without its default trait "JSON", whose parser would link all of Foundation.
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(name: "CBuild", cSettings: [.define("INGOT_GIT_COMMIT", to: "\"\(commit)\"")]),
        .target(name: "CCapacityData", exclude: ["engine-architectures.json", "gpus.json"]),
        .target(name: "CContainerShim"),
        .target(name: "CLinux"),
        .target(name: "CModelCatalogData", exclude: ["models.json"]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(name: "JSON", swiftSettings: examined),
        .target(
            name: "Telemetry",
            dependencies: [
                "CLinux",
                "JSON",
                logging,
                .product(name: "Metrics", package: "swift-metrics"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "HTTPServer",
            dependencies: [
                "CLinux",
                "COpenSSL",
                "CZlib",
                "JSON",
                "Telemetry",
                crypto,
                .product(name: "DequeModule", package: "swift-collections"),
                httpTypes,
                logging,
                .product(name: "Metrics", package: "swift-metrics"),
            ],
            swiftSettings: examined
        ),
        .target(name: "Certificates", dependencies: ["COpenSSL"], swiftSettings: strict),
        .target(name: "KubernetesModel", dependencies: ["JSON"], swiftSettings: examined),
        .target(
            name: "Capacity",
            dependencies: [
                "CCapacityData", "JSON", .product(name: "HashTreeCollections", package: "swift-collections"),
            ],
            swiftSettings: examined
        ),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .target(name: "CKubernetesSchemaData", exclude: ["notes.json", "protobuf.json", "types.json"]),
        .target(
            name: "KubernetesSchema",
            dependencies: [
                "CKubernetesSchemaData",
                "JSON",
                "KubernetesModel",
            ],
            swiftSettings: examined
        ),
        .target(
            name: "EmbeddedCluster",
            dependencies: [
                "CSQLite",
                "Capacity",
                "Certificates",
                "HTTPClient",
                "HTTPServer",
                "JSON",
                "KubernetesModel",
                "KubernetesSchema",
                "LocalContainers",
                "YAML",
                crypto,
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HashTreeCollections", package: "swift-collections"),
                httpTypes,
                logging,
            ],
            swiftSettings: strict
        ),
        .target(name: "YAML", dependencies: ["CYAML", "JSON"], swiftSettings: examined),
        .target(
            name: "HTTPClient",
            dependencies: [
                "CCurl",
                "CLinux",
                "JSON",
                httpTypes,
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Metrics", package: "swift-metrics"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Kubernetes",
            dependencies: [
                "CLinux",
                "HTTPClient",
                "JSON",
                "KubernetesModel",
                "YAML",
                httpTypes,
                logging,
                .product(name: "HashTreeCollections", package: "swift-collections"),
            ],
            swiftSettings: examined
        ),
        .target(
            name: "HuggingFace",
            dependencies: ["HTTPClient", "JSON", crypto, httpTypes],
            swiftSettings: strict
        ),
        .target(
            name: "LocalContainers",
            dependencies: [
                "CContainerShim",
                "HTTPClient",
                "JSON",
                httpTypes,
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Runtimes",
            dependencies: ["Capacity", "JSON", "KubernetesModel", "YAML", crypto],
            swiftSettings: strict
        ),
        .target(
            name: "ControlPlane",
            dependencies: [
                "CModelCatalogData", "Capacity", "HTTPClient", "HuggingFace", "JSON", "Kubernetes",
                "KubernetesModel", "Runtimes", .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "APIs",
            dependencies: [
                "Capacity",
                "ControlPlane",
                "HTTPServer",
                "HuggingFace",
                "JSON",
                "Kubernetes",
                "KubernetesModel",
                "Runtimes",
                "Telemetry",
                httpTypes,
            ],
            swiftSettings: strict
        ),
        .target(
            name: "IngotConfiguration",
            dependencies: [
                "Capacity",
                "JSON",
                "KubernetesModel",
                .product(name: "Configuration", package: "swift-configuration"),
                logging,
            ],
            swiftSettings: examined
        ),
        .executableTarget(
            name: "ingot",
            dependencies: [
                "APIs",
                "CBuild",
                "CContainerShim",
                "CLinux",
                "ControlPlane",
                "EmbeddedCluster",
                "HTTPClient",
                "HTTPServer",
                "HuggingFace",
                "IngotConfiguration",
                "JSON",
                "Kubernetes",
                "LocalContainers",
                "Telemetry",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                logging,
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "HTTPServerFixture",
            dependencies: [
                "Certificates",
                "HTTPServer",
                "JSON",
                "Telemetry",
                httpTypes,
                logging,
                .product(name: "Metrics", package: "swift-metrics"),
            ],
            path: "Tests/Fixtures/HTTPServerFixture",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "LocalContainerFixture",
            dependencies: ["CContainerShim", "LocalContainers"],
            path: "Tests/Fixtures/LocalContainerFixture",
            swiftSettings: strict
        ),
        // Serves an answer of 1 MB for `make bench`.
        .executableTarget(
            name: "HTTPServerBenchmark",
            dependencies: [
                "HTTPServer",
                "JSON",
                httpTypes,
                logging,
            ],
            path: "Tests/Benchmarks/HTTPServerBenchmark",
            swiftSettings: strict
        ),
        // Serves what a large cluster's API server does for `make bench PART=cluster`.
        .executableTarget(
            name: "ClusterBenchmark",
            dependencies: [
                "HTTPServer",
                "JSON",
                httpTypes,
                logging,
            ],
            path: "Tests/Benchmarks/ClusterBenchmark",
            swiftSettings: strict
        ),
        // What the estimate of memory says to published measurements, for the tests and for `make fit-report`.
        .target(
            name: "FitCalibration",
            dependencies: ["Capacity", "JSON"],
            path: "Tests/Calibration/FitCalibration",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "FitReport",
            dependencies: ["FitCalibration", "JSON"],
            path: "Tests/Calibration/FitReport",
            swiftSettings: strict
        ),
        .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: strict),
        .testTarget(
            name: "KubernetesModelTests",
            dependencies: ["JSON", "KubernetesModel"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "KubernetesSchemaTests",
            dependencies: ["JSON", "KubernetesModel", "KubernetesSchema"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "TelemetryTests",
            dependencies: ["Telemetry"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HTTPServerTests",
            dependencies: [
                "COpenSSL",
                "CZlib",
                "Certificates",
                "HTTPServer",
                "JSON",
                "Telemetry",
                httpTypes,
                logging,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EmbeddedClusterTests",
            dependencies: [
                "Capacity",
                "EmbeddedCluster",
                "HTTPClient",
                "JSON",
                "KubernetesModel",
                "LocalContainerFixture",
                "LocalContainers",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HTTPClientTests",
            dependencies: [
                "Certificates",
                "CLinux",
                "HTTPClient",
                "HTTPServer",
                "JSON",
                "Telemetry",
                httpTypes,
                logging,
                .product(name: "Metrics", package: "swift-metrics"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CapacityTests",
            dependencies: ["Capacity", "FitCalibration", "JSON"],
            exclude: ["Data"],
            swiftSettings: strict
        ),
        .testTarget(name: "CertificatesTests", dependencies: ["Certificates"], swiftSettings: strict),
        .testTarget(
            name: "KubernetesTests",
            dependencies: [
                "Certificates",
                "ControlPlane",
                "HTTPClient",
                "HTTPServer",
                "JSON",
                "Kubernetes",
                "KubernetesModel",
                httpTypes,
                logging,
            ],
            swiftSettings: strict
        ),
        // The client against the embedded cluster, or against one that INGOT_TEST_KUBECONFIG names.
        .testTarget(
            name: "ClusterConformanceTests",
            dependencies: [
                "EmbeddedCluster",
                "HTTPClient",
                "JSON",
                "Kubernetes",
                "KubernetesModel",
                "LocalContainerFixture",
                "LocalContainers",
                logging,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HuggingFaceTests",
            dependencies: ["HTTPClient", "HTTPServer", "HuggingFace", "JSON", httpTypes, logging],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ControlPlaneTests",
            dependencies: [
                "Capacity", "ControlPlane", "HTTPClient", "HTTPServer", "HuggingFace", "JSON", httpTypes,
                logging,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RuntimesTests",
            dependencies: ["Capacity", "JSON", "KubernetesModel", "KubernetesSchema", "Runtimes", "YAML"],
            exclude: ["Golden"],
            swiftSettings: strict
        ),
        .testTarget(name: "YAMLTests", dependencies: ["JSON", "YAML"], swiftSettings: strict),
        .testTarget(
            name: "LocalContainersTests",
            dependencies: [
                "CContainerShim",
                "HTTPClient",
                "HTTPServer",
                "JSON",
                "LocalContainerFixture",
                "LocalContainers",
                "Telemetry",
                httpTypes,
                logging,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "APIsTests",
            dependencies: [
                "APIs",
                "JSON",
                "Kubernetes",
                .product(name: "HashTreeCollections", package: "swift-collections"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "IngotConfigurationTests",
            dependencies: ["IngotConfiguration"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "IngotTests",
            dependencies: [
                "Capacity",
                "EmbeddedCluster",
                "IngotConfiguration",
                "KubernetesModel",
                "LocalContainers",
                "ingot",
            ],
            swiftSettings: strict
        ),
    ]
)

// The same harness serves both: it runs the committed corpus among the tests, and libFuzzer's inputs in a program of its own.
let harness: [Target.Dependency] = [
    "Capacity", "HTTPServer", "IngotConfiguration", "JSON", "Kubernetes", "KubernetesModel",
    "KubernetesSchema", "YAML",
]
if isFuzzing {
    package.targets += [
        .systemLibrary(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
        .executableTarget(
            name: "ingot-fuzz",
            dependencies: harness + ["CFuzzer"],
            path: "Tests/Fuzz",
            exclude: ["CFuzzer", "Corpus", "CorpusTests", "Dictionaries", "run"],
            sources: ["Driver", "Harness"],
            swiftSettings: examined,
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]
        ),
    ]
} else {
    package.targets.append(
        .testTarget(
            name: "FuzzCorpusTests",
            dependencies: harness,
            path: "Tests/Fuzz",
            exclude: ["CFuzzer", "Corpus", "Dictionaries", "Driver", "run"],
            sources: ["CorpusTests", "Harness"],
            swiftSettings: strict
        )
    )
}
