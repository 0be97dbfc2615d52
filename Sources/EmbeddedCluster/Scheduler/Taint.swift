import JSON

/// What keeps pods off a node (core/v1 Taint).
struct Taint: Sendable, Hashable {
    enum Effect: String, Sendable {
        case noSchedule = "NoSchedule"
        case preferNoSchedule = "PreferNoSchedule"
        case noExecute = "NoExecute"
    }

    let key: String
    let value: String
    let effect: Effect

    init(_ key: String, _ value: String, _ effect: Effect) {
        self.key = key
        self.value = value
        self.effect = effect
    }

    init?(json: JSONValue) {
        guard let key = json["key"]?.stringValue,
            let effect = (json["effect"]?.stringValue).flatMap(Effect.init(rawValue:))
        else { return nil }
        self.init(key, json["value"]?.stringValue ?? "", effect)
    }

    var json: JSONValue {
        var taint: JSONValue = ["key": .string(key), "effect": .string(effect.rawValue)]
        if !value.isEmpty { taint["value"] = .string(value) }
        return taint
    }
}

/// What lets a pod onto a node in spite of a taint (core/v1 Toleration).
struct Toleration: Sendable, Hashable {
    let key: String
    let mustExistOnly: Bool
    let value: String
    /// Nil for every effect.
    let effect: Taint.Effect?
    /// How long a pod stays once a `NoExecute` taint appears; nil for ever.
    let seconds: Int64?

    init?(json: JSONValue) {
        let effect = json["effect"]?.stringValue ?? ""
        guard effect.isEmpty || Taint.Effect(rawValue: effect) != nil else { return nil }
        key = json["key"]?.stringValue ?? ""
        mustExistOnly = json["operator"]?.stringValue == "Exists"
        value = json["value"]?.stringValue ?? ""
        self.effect = Taint.Effect(rawValue: effect)
        seconds = json["tolerationSeconds"]?.integerValue
    }

    /// An empty key with `Exists` tolerates everything.
    func tolerates(_ taint: Taint) -> Bool {
        (effect == nil || effect == taint.effect)
            && (key.isEmpty ? mustExistOnly : key == taint.key)
            && (mustExistOnly || value == taint.value)
    }
}
