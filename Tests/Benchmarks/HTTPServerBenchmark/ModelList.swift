import JSON

/// A list of models such as a catalog answers with: what the large answer consists of.
enum ModelList {
    /// The list as JSON, with as many models as it takes to reach `count` bytes.
    static func json(atLeast count: Int) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginArray()
        var number = 0
        while writer.bytes.count < count {
            writer.object { model in
                model.key("id")
                model.string("example/model-\(number)")
                model.key("parameters")
                model.integer(number * 1_000_003)
                model.key("gated")
                model.bool(number.isMultiple(of: 3))
                model.key("description")
                model.string("A model with \(number % 80) layers, for \"chat\" and code.")
            }
            number += 1
        }
        writer.endArray()
        return writer.take()
    }
}
