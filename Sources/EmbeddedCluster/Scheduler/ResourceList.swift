import JSON
import KubernetesModel

/// Amounts of resources by name, such as `cpu`, `memory` and `nvidia.com/gpu` (core/v1 ResourceList).
struct ResourceList: Sendable, Hashable {
    private(set) var amounts: [String: Quantity] = [:]

    init() {}

    /// Reads an object of quantities; what is no quantity is left out.
    init(json: JSONValue?) {
        for member in json?.objectValue ?? JSONMembers() {
            switch member.value {
            case .string(let text): amounts[member.key] = Quantity(text)
            case .integer(let number): amounts[member.key] = Quantity(number)
            case .number: amounts[member.key] = Quantity(member.value.description)
            default: break
            }
        }
    }

    /// The amount of that resource; nothing when it is not named.
    subscript(name: String) -> Quantity {
        get { amounts[name] ?? .zero }
        set { amounts[name] = newValue }
    }

    /// The names of the resources, sorted.
    var names: [String] { amounts.keys.sorted() }

    static func += (left: inout ResourceList, right: ResourceList) {
        for (name, amount) in right.amounts { left[name] += amount }
    }

    static func -= (left: inout ResourceList, right: ResourceList) {
        for (name, amount) in right.amounts { left[name] -= amount }
    }

    /// Raises each amount to that of the other list where that is more.
    mutating func formMaximum(_ other: ResourceList) {
        for (name, amount) in other.amounts { self[name] = max(self[name], amount) }
    }
}

extension ResourceList {
    /// What a pod takes from its node, by Kubernetes' rule: the containers together with the sidecars, or the most that an init
    /// container needs together with the sidecars that started before it, whichever is more of each resource; and the
    /// overhead. (Upstream: component-helpers, `resource.PodRequests`.)
    init(podSpecification spec: JSONValue) {
        for container in spec["containers"]?.arrayValue ?? [] {
            self += ResourceList(json: container["resources"]?["requests"])
        }
        var sidecars = ResourceList()
        var initial = ResourceList()
        for container in spec["initContainers"]?.arrayValue ?? [] {
            var requests = ResourceList(json: container["resources"]?["requests"])
            if container["restartPolicy"]?.stringValue == "Always" {
                self += requests
                sidecars += requests
                initial.formMaximum(sidecars)
            } else {
                requests += sidecars
                initial.formMaximum(requests)
            }
        }
        formMaximum(initial)
        self += ResourceList(json: spec["overhead"])
    }
}
