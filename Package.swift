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
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let hashTrees: Target.Dependency = .product(name: "HashTreeCollections", package: "swift-collections")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")

/// A module of this package.
func library(
    _ name: String,
    _ dependencies: [Target.Dependency],
    path: String? = nil,
    settings: [SwiftSetting] = strict
) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

/// A program of this package.
func program(_ name: String, _ dependencies: [Target.Dependency], path: String? = nil) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
}

/// The tests in the folder of that name.
func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

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
        .target(name: "CProviderData", exclude: ["providers.json"]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        library("JSON", [], settings: examined),
        library("SmallFiles", []),
        library("Redaction", ["JSON"], settings: examined),
        library("Telemetry", ["CLinux", "JSON", logging, metrics]),
        library(
            "HTTPServer",
            [
                "CLinux", "COpenSSL", "CZlib", "JSON", "Redaction", "Telemetry", crypto, deque, httpTypes,
                logging, metrics,
            ],
            settings: examined
        ),
        library("Certificates", ["COpenSSL"]),
        library("KubernetesModel", ["JSON"], settings: examined),
        library("Capacity", ["CCapacityData", "JSON", hashTrees], settings: examined),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        library("Processes", ["CLinux"]),
        library("SQLite", ["CSQLite"]),
        library("Store", ["JSON", "SQLite"]),
        .target(name: "CKubernetesSchemaData", exclude: ["notes.json", "protobuf.json", "types.json"]),
        library(
            "KubernetesSchema",
            ["CKubernetesSchemaData", "JSON", "KubernetesModel"],
            settings: examined
        ),
        library(
            "EmbeddedCluster",
            [
                "Capacity", "Certificates", "HTTPClient", "HTTPServer", "JSON", "KubernetesModel",
                "KubernetesSchema", "LocalContainers", "SQLite", "SmallFiles", "YAML", crypto, deque,
                hashTrees,
                httpTypes, logging,
            ]
        ),
        library("YAML", ["CYAML", "JSON"], settings: examined),
        library(
            "HTTPClient",
            [
                "CCurl", "CLinux", "JSON", httpTypes,
                .product(name: "HeapModule", package: "swift-collections"), metrics,
            ]
        ),
        library(
            "Kubernetes",
            [
                "HTTPClient", "JSON", "KubernetesModel", "Processes", "Redaction", "SmallFiles", "YAML",
                hashTrees, httpTypes, logging,
            ],
            settings: examined
        ),
        library("HuggingFace", ["HTTPClient", "JSON", "Redaction", crypto, httpTypes]),
        library("LocalContainers", ["CContainerShim", "HTTPClient", "JSON", httpTypes]),
        library("Runtimes", ["Capacity", "JSON", "KubernetesModel", "YAML", crypto]),
        library(
            "Identity",
            ["COpenSSL", "HTTPClient", "JSON", "Kubernetes", "KubernetesModel", crypto, httpTypes],
            settings: examined
        ),
        library("Backups", ["CSQLite", "JSON", crypto]),
        library("Audit", ["JSON", crypto], settings: examined),
        library(
            "ControlPlane",
            [
                "CModelCatalogData", "CProviderData", "Capacity", "HTTPClient", "HuggingFace", "JSON",
                "Kubernetes", "KubernetesModel", "Processes", "Redaction", "Runtimes", "SmallFiles", "Store",
                "YAML", crypto, deque, httpTypes,
            ]
        ),
        library(
            "APIs",
            [
                "Audit", "Capacity", "ControlPlane", "HTTPServer", "HuggingFace", "Identity", "JSON",
                "Kubernetes", "KubernetesModel", "Runtimes", "Store", "Telemetry", httpTypes, logging,
            ]
        ),
        library(
            "IngotConfiguration",
            [
                "Capacity", "JSON", "KubernetesModel", "Redaction", "SmallFiles",
                .product(name: "Configuration", package: "swift-configuration"), logging,
            ],
            settings: examined
        ),
        program(
            "ingot",
            [
                "APIs", "Audit", "Backups", "CBuild", "CContainerShim", "CLinux", "ControlPlane",
                "EmbeddedCluster", "HTTPClient", "HTTPServer", "HuggingFace", "Identity",
                "IngotConfiguration",
                "JSON", "Kubernetes", "LocalContainers", "SmallFiles", "Store", "Telemetry", "YAML",
                .product(name: "ArgumentParser", package: "swift-argument-parser"), httpTypes,
                logging, metrics, .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        program(
            "HTTPServerFixture",
            ["Certificates", "HTTPServer", "JSON", "Telemetry", httpTypes, logging, metrics],
            path: "Tests/Fixtures/HTTPServerFixture"
        ),
        program(
            "LocalContainerFixture",
            ["CContainerShim", "LocalContainers"],
            path: "Tests/Fixtures/LocalContainerFixture"
        ),
        // Serves an answer of 1 MB for `make bench`.
        program(
            "HTTPServerBenchmark",
            ["HTTPServer", "JSON", httpTypes, logging],
            path: "Tests/Benchmarks/HTTPServerBenchmark"
        ),
        // Serves what a large cluster's API server does for `make bench`, PART=cluster and others.
        program(
            "ClusterBenchmark",
            ["Capacity", "HTTPServer", "JSON", "KubernetesModel", "Runtimes", httpTypes, logging],
            path: "Tests/Benchmarks/ClusterBenchmark"
        ),
        // Times fits, placements and updates of the inventory for `make bench PART=capacity`.
        .executableTarget(
            name: "CapacityBenchmark",
            dependencies: [
                "Capacity", "ControlPlane", "FitCalibration", "JSON", "Kubernetes", "KubernetesModel",
            ],
            path: "Tests/Benchmarks/CapacityBenchmark",
            swiftSettings: strict
        ),
        // What the estimate of memory says to published measurements, for the tests and for `make fit-report`.
        library("FitCalibration", ["Capacity", "JSON"], path: "Tests/Calibration/FitCalibration"),
        program("FitReport", ["FitCalibration", "JSON"], path: "Tests/Calibration/FitReport"),
        tests("JSONTests", ["JSON"]),
        tests("RedactionTests", ["JSON", "Redaction"]),
        tests("SmallFilesTests", ["SmallFiles"]),
        tests("KubernetesModelTests", ["JSON", "KubernetesModel"]),
        tests("KubernetesSchemaTests", ["JSON", "KubernetesModel", "KubernetesSchema"]),
        tests("TelemetryTests", ["CLinux", "Telemetry"]),
        tests(
            "HTTPServerTests",
            ["COpenSSL", "CZlib", "Certificates", "HTTPServer", "JSON", "Telemetry", httpTypes, logging]
        ),
        tests(
            "EmbeddedClusterTests",
            [
                "Capacity", "EmbeddedCluster", "HTTPClient", "JSON", "KubernetesModel",
                "LocalContainerFixture", "LocalContainers", "Runtimes", "YAML",
            ]
        ),
        tests(
            "HTTPClientTests",
            [
                "Certificates", "CLinux", "HTTPClient", "HTTPServer", "JSON", "Telemetry", httpTypes, logging,
                metrics,
            ]
        ),
        tests("CapacityTests", ["Capacity", "FitCalibration", "JSON"], exclude: ["Data"]),
        tests("CertificatesTests", ["Certificates"]),
        tests("ProcessesTests", ["Processes"]),
        tests("StoreTests", ["JSON", "SQLite", "Store"]),
        tests(
            "KubernetesTests",
            [
                "Certificates", "CLinux", "ControlPlane", "HTTPClient", "HTTPServer", "JSON", "Kubernetes",
                "KubernetesModel", httpTypes, logging,
            ]
        ),
        // The client against the embedded cluster, or against one that INGOT_TEST_KUBECONFIG names.
        tests(
            "ClusterConformanceTests",
            [
                "EmbeddedCluster", "HTTPClient", "JSON", "Kubernetes", "KubernetesModel",
                "LocalContainerFixture", "LocalContainers", logging,
            ]
        ),
        tests("HuggingFaceTests", ["HTTPClient", "HTTPServer", "HuggingFace", "JSON", httpTypes, logging]),
        tests(
            "ControlPlaneTests",
            [
                "Capacity", "ControlPlane", "HTTPClient", "HTTPServer", "HuggingFace", "JSON", "Kubernetes",
                "KubernetesModel", "Runtimes", "Store", httpTypes,
                logging,
            ]
        ),
        tests(
            "RuntimesTests",
            ["Capacity", "JSON", "KubernetesModel", "KubernetesSchema", "Runtimes", "YAML"],
            exclude: ["Failures", "Golden", "Schemas"]
        ),
        tests(
            "IdentityTests",
            [
                "HTTPClient", "HTTPServer", "Identity", "JSON", "Kubernetes", "KubernetesModel", crypto,
                httpTypes, logging,
            ]
        ),
        tests("AuditTests", ["Audit", "JSON"]),
        tests("YAMLTests", ["JSON", "YAML"]),
        tests(
            "LocalContainersTests",
            [
                "CContainerShim", "HTTPClient", "HTTPServer", "JSON", "LocalContainerFixture",
                "LocalContainers", "Telemetry", httpTypes, logging,
            ]
        ),
        tests(
            "APIsTests",
            [
                "APIs", "Capacity", "ControlPlane", "JSON", "Kubernetes", "KubernetesModel", "Runtimes",
                hashTrees,
            ]
        ),
        tests("IngotConfigurationTests", ["IngotConfiguration", "JSON", "SmallFiles"]),
        tests(
            "IngotTests",
            [
                "APIs", "Capacity", "ControlPlane", "EmbeddedCluster", "HTTPClient", "HTTPServer",
                "IngotConfiguration", "JSON", "KubernetesModel", "LocalContainers", "Runtimes",
                "Telemetry", "ingot", httpTypes, logging,
            ]
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
