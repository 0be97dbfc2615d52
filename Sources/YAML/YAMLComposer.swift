internal import JSON

/// Makes nodes of events.
struct YAMLComposer {
    let events: YAMLEvents
    let limits: YAMLLimits
    /// The finished nodes that aliases of this document may name.
    private var anchors: [String: YAMLNode] = [:]
    /// How many nodes this document has so far, with aliases as what they stand for.
    private var count = 0

    init(events: YAMLEvents, limits: YAMLLimits) {
        self.events = events
        self.limits = limits
    }

    mutating func documents() throws(YAMLError) -> [YAMLNode] {
        var documents: [YAMLNode] = []
        while true {
            let event = try events.next()
            switch event.kind {
            case .streamEnd: return documents
            case .documentStart:
                anchors = [:]
                count = 0
                documents.append(try node(events.next(), depth: 1))
            default: continue
            }
        }
    }

    private mutating func node(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> YAMLNode {
        if case .alias(let name) = event.kind { return try aliased(name, at: event.position, depth: depth) }
        try grow(by: 1, depth: depth, at: event.position)
        let content: YAMLNode.Content
        switch event.kind {
        case .scalar(let scalar): content = .scalar(try scalar.resolved(at: event.position))
        case .sequenceStart(let tag):
            try require(tag, "tag:yaml.org,2002:seq", at: event.position)
            content = .sequence(try elements(depth: depth + 1))
        case .mappingStart(let tag):
            try require(tag, "tag:yaml.org,2002:map", at: event.position)
            content = .mapping(try entries(depth: depth + 1))
        default: throw YAMLError("a value is missing", at: event.position)
        }
        let node = YAMLNode(content, at: event.position)
        if let anchor = event.anchor { anchors[anchor] = node }
        return node
    }

    private mutating func aliased(
        _ name: String,
        at position: YAMLPosition,
        depth: Int
    ) throws(YAMLError) -> YAMLNode {
        guard let node = anchors[name] else {
            throw YAMLError("the alias *\(name) names no finished node before it", at: position)
        }
        try grow(by: node.size, depth: depth + node.height - 1, at: position)
        return node
    }

    private mutating func grow(by size: Int, depth: Int, at position: YAMLPosition) throws(YAMLError) {
        count += size
        if count > limits.nodes {
            throw YAMLError("more than \(limits.nodes) values, with what aliases stand for", at: position)
        }
        if depth > limits.depth {
            throw YAMLError("nested more than \(limits.depth) deep", at: position)
        }
    }

    private func require(_ tag: String?, _ expected: String, at position: YAMLPosition) throws(YAMLError) {
        guard let tag, tag != expected, tag != "!" else { return }
        throw YAMLError("the tag \(tag) is not known", at: position)
    }

    private mutating func elements(depth: Int) throws(YAMLError) -> [YAMLNode] {
        var elements: [YAMLNode] = []
        while true {
            let event = try events.next()
            if case .sequenceEnd = event.kind { return elements }
            elements.append(try node(event, depth: depth))
        }
    }

    // MARK: Mappings

    private mutating func entries(depth: Int) throws(YAMLError) -> [YAMLNode.Entry] {
        var entries: [YAMLNode.Entry] = []
        var keys: Set<String> = []
        var merged: [YAMLNode.Entry] = []
        while true {
            let event = try events.next()
            if case .mappingEnd = event.kind { break }
            let (key, isMerge) = try key(event, depth: depth)
            let value = try node(events.next(), depth: depth)
            if isMerge {
                merged += try mergedEntries(value, at: event.position)
            } else if keys.insert(key).inserted {
                entries.append(YAMLNode.Entry(key: key, position: event.position, value: value))
            } else {
                throw YAMLError(
                    "the key \(JSONValue.string(key)) appears twice in one mapping",
                    at: event.position
                )
            }
        }
        // The mapping's own entries hold, then those of the mapping that was merged first.
        entries += merged.filter { keys.insert($0.key).inserted }
        return entries
    }

    private mutating func key(
        _ event: YAMLEvent,
        depth: Int
    ) throws(YAMLError) -> (text: String, isMerge: Bool) {
        switch event.kind {
        case .scalar(let scalar):
            let key = try node(event, depth: depth)
            if case .scalar(.null) = key.content {
                throw YAMLError("a key is missing", at: event.position)
            }
            return (scalar.text, scalar.isPlain && scalar.tag == nil && scalar.text == "<<")
        case .alias(let name):
            let key = try aliased(name, at: event.position, depth: depth)
            guard case .scalar(.string(let text)) = key.content else { break }
            return (text, false)
        default: break
        }
        throw YAMLError("a key that is no string, number or boolean", at: event.position)
    }

    private func mergedEntries(
        _ node: YAMLNode,
        at position: YAMLPosition
    ) throws(YAMLError) -> [YAMLNode.Entry] {
        switch node.content {
        case .mapping(let entries): return entries
        case .sequence(let elements):
            var entries: [YAMLNode.Entry] = []
            for element in elements {
                guard case .mapping(let more) = element.content else { break }
                entries += more
            }
            if !entries.isEmpty || elements.isEmpty { return entries }
        case .scalar: break
        }
        throw YAMLError("a merge key (<<) takes a mapping or a sequence of mappings", at: position)
    }
}
