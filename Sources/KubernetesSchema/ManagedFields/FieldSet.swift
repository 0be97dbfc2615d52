/// A set of fields of an object, kept as a tree.
public struct FieldSet: Sendable, Hashable {
    /// The fields of this level that are in the set themselves.
    var members: Set<FieldPathElement> = []
    /// What is in the set below the fields of this level; none of them is empty.
    var children: [FieldPathElement: FieldSet] = [:]

    /// No fields.
    public init() {}

    /// Fields by the names on the way to each, such as `["status"]` and `["metadata", "labels"]`.
    public init(fields paths: [String]...) {
        for path in paths { insert(path.map(FieldPathElement.field)[...]) }
    }

    /// Whether there is nothing in the set.
    public var isEmpty: Bool { members.isEmpty && children.isEmpty }

    /// Adds a field.
    public mutating func insert(_ path: FieldPath) { insert(path.elements[...]) }

    mutating func insert(_ path: ArraySlice<FieldPathElement>) {
        guard let first = path.first else { return }
        if path.count == 1 {
            members.insert(first)
        } else {
            children[first, default: FieldSet()].insert(path.dropFirst())
        }
    }

    /// Whether that field itself is in the set.
    public func contains(_ path: FieldPath) -> Bool {
        var set = self
        for element in path.elements.dropLast() {
            guard let child = set.children[element] else { return false }
            set = child
        }
        return path.elements.last.map(set.members.contains) ?? false
    }

    /// What is in the set below that field.
    func below(_ element: FieldPathElement) -> FieldSet { children[element] ?? FieldSet() }

    /// All fields, in order.
    public var paths: [FieldPath] {
        var paths: [FieldPath] = []
        collect(into: &paths, [])
        return paths
    }

    private func collect(into paths: inout [FieldPath], _ prefix: [FieldPathElement]) {
        for element in elements {
            if members.contains(element) { paths.append(FieldPath(prefix + [element])) }
            children[element]?.collect(into: &paths, prefix + [element])
        }
    }

    /// The fields of this level that are in the set or have something in it below them, in order.
    var elements: [FieldPathElement] { members.union(children.keys).sorted() }
}

// MARK: Algebra

extension FieldSet {
    private mutating func set(_ element: FieldPathElement, _ child: FieldSet) {
        children[element] = child.isEmpty ? nil : child
    }

    /// What is in either.
    public func union(_ other: FieldSet) -> FieldSet {
        if isEmpty { return other }
        var result = self
        result.members.formUnion(other.members)
        for (element, child) in other.children { result.set(element, below(element).union(child)) }
        return result
    }

    /// What is in both.
    public func intersection(_ other: FieldSet) -> FieldSet {
        var result = FieldSet()
        result.members = members.intersection(other.members)
        for (element, child) in children {
            guard let right = other.children[element] else { continue }
            result.set(element, child.intersection(right))
        }
        return result
    }

    /// What is in this set and not in the other; a field of the other takes nothing away that is below it.
    public func subtracting(_ other: FieldSet) -> FieldSet {
        if other.isEmpty { return self }
        var result = self
        result.members.subtract(other.members)
        for (element, child) in children {
            guard let right = other.children[element] else { continue }
            result.set(element, child.subtracting(right))
        }
        return result
    }

    /// What is in this set and neither in the other nor below a field of the other.
    public func subtractingTrees(_ other: FieldSet) -> FieldSet {
        if other.isEmpty { return self }
        var result = self
        result.members.subtract(other.members)
        for element in other.members { result.children[element] = nil }
        for (element, child) in result.children {
            guard let right = other.children[element] else { continue }
            result.set(element, child.subtractingTrees(right))
        }
        return result
    }
}
