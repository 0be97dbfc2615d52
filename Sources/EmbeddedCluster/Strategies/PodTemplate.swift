import JSON
import KubernetesModel

/// The pod templates of workloads: their defaults and their rules.
enum PodTemplate {
    /// Fills in the defaults of `spec.template`.
    static func applyDefaults(to spec: inout JSONValue) {
        guard var template = spec["template"], template.objectValue != nil else { return }
        spec["template"] = .null
        PodDefaults.apply(to: &template, at: "spec")
        if template["metadata"]?["creationTimestamp"]?.isNull == true {
            template[at: "metadata", "creationTimestamp"] = nil
        }
        spec["template"] = template
    }

    /// What is wrong with the selector and the template of a workload (apps/validation).
    ///
    /// - Parameters:
    ///   - kind: As messages name the workload.
    ///   - restartPolicies: Those that the workload's pods may have.
    static func causes(
        in object: KubernetesObject,
        kind: String,
        restartPolicies: [String] = ["Always"]
    ) -> [APIStatus.Cause] {
        var causes: [APIStatus.Cause] = []
        let spec = object.spec
        let template = spec["template"] ?? .null
        var selector: LabelSelector?
        if let value = spec["selector"], !value.isNull {
            do throws(LabelSelector.Invalid) {
                let read = try LabelSelector(object: value)
                if read.requirements.isEmpty {
                    causes.append(
                        .invalid("spec.selector", value, "empty selector is invalid for \(kind)")
                    )
                } else {
                    selector = read
                }
            } catch {
                causes.append(.invalid("spec.selector", value, error.description))
            }
        } else {
            causes.append(.required("spec.selector"))
        }
        let labels = template["metadata"]?["labels"]
        if let selector, !selector.matches({ labels?[$0]?.stringValue }) {
            causes.append(
                .invalid(
                    "spec.template.metadata.labels",
                    labels,
                    "`selector` does not match template `labels`"
                )
            )
        }
        causes += podCauses(template["spec"] ?? .null, "spec.template.spec")
        if let policy = template["spec"]?["restartPolicy"],
            !restartPolicies.contains(policy.stringValue ?? "")
        {
            causes.append(.unsupported("spec.template.spec.restartPolicy", policy, restartPolicies))
        }
        return causes
    }

    /// What is wrong with the specification of a pod: containers that lack what they need.
    static func podCauses(_ spec: JSONValue, _ path: String) -> [APIStatus.Cause] {
        var causes: [APIStatus.Cause] = []
        if (spec["containers"]?.arrayValue ?? []).isEmpty { causes.append(.required("\(path).containers")) }
        var names: Set<String> = []
        for list in ["initContainers", "containers"] {
            for (index, container) in (spec[list]?.arrayValue ?? []).enumerated() {
                let field = "\(path).\(list)[\(index)]"
                let name = container["name"]?.stringValue ?? ""
                if name.isEmpty {
                    causes.append(.required("\(field).name"))
                } else if !DNSLabel.isLabel(name) {
                    causes.append(.invalid("\(field).name", container["name"], DNSLabel.rule))
                } else if !names.insert(name).inserted {
                    causes.append(.duplicate("\(field).name", container["name"]))
                }
                if (container["image"]?.stringValue ?? "").isEmpty {
                    causes.append(.required("\(field).image"))
                }
            }
        }
        return causes
    }
}

/// Names that are one label of a DNS name.
enum DNSLabel {
    static let rule =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an "
        + "alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

    static let letterFirstRule =
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end "
        + "with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
        + "'[a-z]([-a-z0-9]*[a-z0-9])?')"

    /// RFC 1123 §2.1, at most 63 characters.
    static func isLabel(_ name: String) -> Bool {
        name.utf8.count <= 63 && !name.contains(".") && NameSyntax.isSubdomain(name)
    }

    /// RFC 1035 §2.3.1 in lower case.
    static func startsWithLetter(_ name: String) -> Bool {
        isLabel(name) && name.utf8.first.map { (0x61...0x7A).contains($0) } == true
    }
}
