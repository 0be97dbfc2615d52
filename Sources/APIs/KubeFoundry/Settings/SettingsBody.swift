import ControlPlane
import JSON
import Runtimes

/// The answer of `GET /api/settings`: the documented members, and those that the web front end reads.
struct SettingsBody: JSONObject {
    let known: SettingsStore.Known
    let isSignInRequired: Bool

    static let schemaName = "Settings"
    static let fields: [JSONField<SettingsBody>] = [
        .nullable("activeProviderId", "The runtime of deployments that name none; null leaves it to Ingot") {
            $0.known.settings.activeProvider?.rawValue
        }
        .schema(.nullable(.enumeration(RuntimeID.allCases.map(\.rawValue)))),
        .init("providers", "The providers that can be installed") { _ in ProviderBody.all },
        .init("config", "What has been chosen") { ChosenSettings(settings: $0.known.settings) },
        .init("auth", "How callers are known") { SignInBody(isRequired: $0.isSignInRequired) },
        .nullable("problem", "What cannot be understood of what is stored, or why it is not known") {
            $0.known.problem
        },
    ]
}

/// What has been chosen; what has not is absent.
struct ChosenSettings: JSONObject {
    let settings: IngotSettings

    static let schemaName = "ChosenSettings"
    static let fields: [JSONField<ChosenSettings>] = [
        .init("activeProviderId", "The runtime of deployments that name none", example: "dynamo") {
            $0.settings.activeProvider?.rawValue
        }
        .schema(.enumeration(RuntimeID.allCases.map(\.rawValue))),
        .init("defaultNamespace", "Where deployments go that name no namespace", example: "models") {
            $0.settings.defaultNamespace
        },
    ]
}

/// How callers are known.
struct SignInBody: JSONObject {
    let isRequired: Bool

    static let schemaName = "SignIn"
    static let fields: [JSONField<SignInBody>] = [
        .init("enabled", "Whether callers have to sign in") { $0.isRequired }
    ]
}

/// A provider that can be installed.
struct ProviderBody: JSONObject {
    let provider: Provider

    static let all = Provider.all.map(ProviderBody.init)

    static let schemaName = "Provider"
    static let fields: [JSONField<ProviderBody>] = [
        .init("id", "The id", example: "dynamo") { $0.provider.id },
        .init("name", "The name", example: "NVIDIA Dynamo") { $0.provider.name },
        .init("description", "What it does", example: "GPU-accelerated inference with disaggregated serving")
        {
            $0.provider.summary
        },
        .init("defaultNamespace", "Where its operator is installed", example: "dynamo-system") {
            $0.provider.namespace
        },
    ]
}

/// The answer of `GET /api/settings/providers`.
struct ProviderList: JSONObject {
    static let schemaName = "Providers"
    static let fields: [JSONField<ProviderList>] = [
        .init("providers", "The providers that can be installed") { _ in ProviderBody.all }
    ]
}

/// The answer of `PUT /api/settings`.
struct SavedSettings: JSONObject {
    let settings: IngotSettings

    static let schemaName = "SavedSettings"
    static let fields: [JSONField<SavedSettings>] = [
        .init("message", "That they were saved", example: "Settings updated successfully") { _ in
            "Settings updated successfully"
        },
        .nullable("activeProviderId", "The runtime of deployments that name none; null leaves it to Ingot") {
            $0.settings.activeProvider?.rawValue
        }
        .schema(.nullable(.enumeration(RuntimeID.allCases.map(\.rawValue)))),
        .init("config", "What has been chosen") { ChosenSettings(settings: $0.settings) },
    ]
}
