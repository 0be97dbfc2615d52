/// The name of a container image, in full: `nginx` is `docker.io/library/nginx:latest`.
///
/// The grammar is that of the distribution project's `reference` package.
struct ImageReference: Hashable {
    /// Registry and repository.
    let name: String
    /// The tag; nil for an image that only its digest names.
    let tag: String?
    /// The digest, as `sha256:…`.
    let digest: String?

    init(_ text: String) {
        var rest = text[...]
        var digest: String?
        if let at = rest.firstIndex(of: "@") {
            digest = String(rest[rest.index(after: at)...])
            rest = rest[..<at]
        }
        var tag: String?
        let lastComponent = rest.lastIndex(of: "/") ?? rest.startIndex
        if let colon = rest[lastComponent...].lastIndex(of: ":") {
            tag = String(rest[rest.index(after: colon)...])
            rest = rest[..<colon]
        }
        self.digest = digest
        self.tag = tag ?? (digest == nil ? "latest" : nil)

        // The first component is a registry if it could be a host's name.
        let first = rest.prefix { $0 != "/" }
        let isRegistry =
            first.endIndex != rest.endIndex
            && (first == "localhost" || first.contains { $0 == "." || $0 == ":" })
        if isRegistry {
            name = first == "index.docker.io" ? "docker.io" + rest[first.endIndex...] : String(rest)
        } else {
            name = (rest.contains("/") ? "docker.io/" : "docker.io/library/") + rest
        }
    }
}

/// Which images a command stands for: an image's name, in which tag or digest may have wildcards `*`, as in
/// `ghcr.io/ggml-org/llama.cpp:server*`.
struct ImagePattern: Hashable {
    private let reference: ImageReference

    init(_ text: String) {
        reference = ImageReference(text)
    }

    /// How exact the pattern is: of two that match an image, the one with more counts. With as many characters that must be
    /// there, a pattern without wildcards is more exact than one with them.
    var exactness: Int {
        let characters = [reference.name, reference.tag ?? "", reference.digest ?? ""].flatMap(\.utf8)
        let literals = characters.count { $0 != 0x2A }
        return 2 * literals + (literals == characters.count ? 1 : 0)
    }

    func matches(_ image: ImageReference) -> Bool {
        image.name == reference.name
            && Self.matches(image.tag, reference.tag)
            && Self.matches(image.digest, reference.digest)
    }

    /// A pattern without a digest takes any.
    private static func matches(_ part: String?, _ pattern: String?) -> Bool {
        guard let pattern else { return true }
        guard let part else { return false }
        return matches(Array(part.utf8)[...], Array(pattern.utf8)[...])
    }

    private static func matches(_ text: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
        // On a mismatch the last wildcard takes one byte more, which needs no deeper search.
        var (text, pattern) = (text, pattern)
        var retry: (text: ArraySlice<UInt8>, pattern: ArraySlice<UInt8>)?
        while let byte = text.first {
            if pattern.first == 0x2A {
                pattern = pattern.dropFirst()
                retry = (text, pattern)
            } else if pattern.first == byte {
                text = text.dropFirst()
                pattern = pattern.dropFirst()
            } else if let last = retry {
                text = last.text.dropFirst()
                pattern = last.pattern
                retry?.text = text
            } else {
                return false
            }
        }
        return pattern.allSatisfy { $0 == 0x2A }
    }
}
