internal import JSON
internal import KubernetesModel

extension Provider {
    /// Reads an entry of the data file; nil unless it has everything.
    init?(json: JSONValue) {
        guard let id = json["id"]?.stringValue, let name = json["name"]?.stringValue,
            let shortName = json["shortName"]?.stringValue, let summary = json["description"]?.stringValue,
            let namespace = json["defaultNamespace"]?.stringValue, let resource = json["resource"],
            let group = resource["apiGroup"]?.stringValue, let version = resource["apiVersion"]?.stringValue,
            let plural = resource["plural"]?.stringValue, let kind = resource["kind"]?.stringValue,
            let labels = json.all("operatorLabels", OperatorLabel.init(json:)),
            let repositories = json.all("repositories", Repository.init(json:)),
            let definitions = json.all("definitions", Definition.init(json:)),
            let charts = json.all("charts", Chart.init(json:)),
            let removed = json.all("removedDefinitions", \.stringValue),
            let prerequisites = json.all("prerequisites", Prerequisite.init(json:)),
            let steps = json.all("steps", Step.init(json:))
        else { return nil }
        self.id = id
        self.name = name
        self.shortName = shortName
        self.summary = summary
        self.namespace = namespace
        self.resource = GroupVersionResource(group: group, version: version, resource: plural)
        self.kind = kind
        operatorLabels = labels
        self.repositories = repositories
        self.definitions = definitions
        self.charts = charts
        removedDefinitions = removed
        self.prerequisites = prerequisites
        self.steps = steps
    }
}

extension Provider.OperatorLabel {
    fileprivate init?(json: JSONValue) {
        guard let key = json["key"]?.stringValue, let value = json["value"]?.stringValue else { return nil }
        self.key = key
        self.value = value
    }
}

extension Provider.Repository {
    fileprivate init?(json: JSONValue) {
        guard let name = json["name"]?.stringValue, let url = json["url"]?.stringValue else { return nil }
        self.name = name
        self.url = url
    }
}

extension Provider.Definition {
    fileprivate init?(json: JSONValue) {
        guard let name = json["name"]?.stringValue, let url = json["url"]?.stringValue else { return nil }
        self.name = name
        self.url = url
    }
}

extension Provider.Chart {
    fileprivate init?(json: JSONValue) {
        guard let release = json["release"]?.stringValue, let chart = json["chart"]?.stringValue,
            let version = json["version"]?.stringValue, let namespace = json["namespace"]?.stringValue
        else { return nil }
        self.release = release
        self.chart = chart
        self.version = version
        self.namespace = namespace
        values = json["values"]?.objectValue ?? JSONMembers()
        repository = json["repository"]?.stringValue
        skipsDefinitions = json["skipCRDs"]?.boolValue ?? false
        waits = json["wait"]?.boolValue ?? false
        definitions = json["definitions"]?.stringValue.flatMap(Provider.ChartDefinitions.init)
    }
}

extension Provider.Prerequisite {
    fileprivate init?(json: JSONValue) {
        guard let definition = json["definition"]?.stringValue, let name = json["name"]?.stringValue,
            let command = json["command"]?.stringValue
        else { return nil }
        self.definition = definition
        self.name = name
        self.command = command
    }
}

extension Provider.Step {
    fileprivate init?(json: JSONValue) {
        guard let title = json["title"]?.stringValue, let description = json["description"]?.stringValue
        else {
            return nil
        }
        self.title = title
        command = json["command"]?.stringValue
        self.description = description
    }
}

extension JSONValue {
    /// The elements of an array, each read; nil unless there is an array and all of it can be read.
    fileprivate func all<Element>(_ key: String, _ read: (JSONValue) -> Element?) -> [Element]? {
        guard let values = self[key]?.arrayValue else { return nil }
        let elements = values.compactMap(read)
        return elements.count == values.count ? elements : nil
    }
}
