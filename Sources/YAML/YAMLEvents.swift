internal import CYAML

/// One event of libyaml's parser.
struct YAMLEvent {
    /// A scalar as it is written.
    struct Scalar {
        var text: String
        var tag: String?
        /// Written without quotes, and not as a block.
        var isPlain: Bool
    }

    enum Kind {
        case streamStart
        case streamEnd
        case documentStart
        case documentEnd
        case alias(String)
        case scalar(Scalar)
        case sequenceStart(tag: String?)
        case sequenceEnd
        case mappingStart(tag: String?)
        case mappingEnd
    }

    var kind: Kind
    var anchor: String?
    var position: YAMLPosition
}

/// libyaml's parser over bytes that outlive it.
final class YAMLEvents {
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    init(_ bytes: UnsafeBufferPointer<UInt8>) throws(YAMLError) {
        parser = .allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else {
            parser.deallocate()
            throw YAMLError("not enough memory", at: YAMLPosition(line: 1, column: 1))
        }
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// The next event. After the stream's end there is none to ask for.
    func next() throws(YAMLError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure }
        defer { yaml_event_delete(&event) }
        return YAMLEvent(event)
    }

    private var failure: YAMLError {
        let error = parser.pointee
        let problem = error.problem.map { String(cString: $0) } ?? "not YAML"
        if error.error == YAML_READER_ERROR {
            // The reader, which decodes characters, knows only how many bytes it has read.
            return YAMLError("\(problem) (byte \(error.problem_offset))", at: YAMLPosition(error.mark))
        }
        guard let context = error.context else {
            return YAMLError(problem, at: YAMLPosition(error.problem_mark))
        }
        return YAMLError("\(problem), \(String(cString: context))", at: YAMLPosition(error.problem_mark))
    }
}

extension YAMLEvent {
    fileprivate init(_ event: yaml_event_t) {
        position = YAMLPosition(event.start_mark)
        switch event.type {
        case YAML_STREAM_START_EVENT: kind = .streamStart
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
        case YAML_ALIAS_EVENT: kind = .alias(text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            anchor = text(scalar.anchor)
            kind = .scalar(
                Scalar(
                    text: String(
                        decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length),
                        as: UTF8.self
                    ),
                    tag: text(scalar.tag),
                    isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE
                )
            )
        case YAML_SEQUENCE_START_EVENT:
            anchor = text(event.data.sequence_start.anchor)
            kind = .sequenceStart(tag: text(event.data.sequence_start.tag))
        case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            anchor = text(event.data.mapping_start.anchor)
            kind = .mappingStart(tag: text(event.data.mapping_start.tag))
        case YAML_MAPPING_END_EVENT: kind = .mappingEnd
        default: kind = .streamEnd
        }
    }
}

private func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    pointer.map { String(cString: $0) }
}
