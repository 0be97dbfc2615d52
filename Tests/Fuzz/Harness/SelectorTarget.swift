import JSON
import KubernetesModel

/// The selectors: the form that requests carry selects what the original did.
enum SelectorTarget {
    private static let labels = [[:], ["a": "b"], ["a": "7", "app.kubernetes.io/name": ""]]

    static func examine(_ input: [UInt8]) throws(FuzzFinding) {
        let text = String(decoding: input, as: UTF8.self)
        if let selector = try? LabelSelector(text) {
            guard let again = try? LabelSelector(selector.description) else {
                throw FuzzFinding(
                    "\(selector.description) is refused, which \(input.printable) was written as"
                )
            }
            for labels in labels {
                try FuzzFinding.requireEqual(
                    selector.matches(labels),
                    again.matches(labels),
                    "whether \(input.printable) and \(selector.description) select \(labels)"
                )
            }
            try FuzzFinding.requireEqual(selector.description, again.description, "the text of a text")
        }
        if let selector = try? FieldSelector(text) {
            guard let again = try? FieldSelector(selector.description) else {
                throw FuzzFinding(
                    "\(selector.description) is refused, which \(input.printable) was written as"
                )
            }
            try FuzzFinding.requireEqual(selector, again, "the selector \(input.printable) as it is written")
            _ = selector.matches(["metadata": ["name": "a"], "spec": ["nodeName": "b"]])
        }
        if let object = try? JSONValue(parsing: input), let selector = try? LabelSelector(object: object) {
            for labels in labels { _ = selector.matches(labels) }
        }
    }
}
