import CCurl

/// A handle of libcurl for one transfer, with typed settings.
final class EasyHandle {
    let pointer: UnsafeMutableRawPointer
    /// libcurl writes why a transfer failed here.
    private let message: UnsafeMutablePointer<CChar>
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var connectTo: UnsafeMutablePointer<curl_slist>?

    /// The first setting that libcurl refused.
    private(set) var failure: CURLcode?

    init?() {
        guard let pointer = curl_easy_init() else { return nil }
        self.pointer = pointer
        message = .allocate(capacity: Int(CURL_ERROR_SIZE))
        message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        note(ingot_curl_set_pointer(pointer, CURLOPT_ERRORBUFFER, message))
    }

    deinit {
        curl_easy_cleanup(pointer)
        curl_slist_free_all(headers)
        curl_slist_free_all(connectTo)
        message.deallocate()
    }

    /// Why the transfer failed, in libcurl's words.
    var reason: String { String(cString: message) }

    func set(_ option: CURLoption, _ value: Int) {
        note(ingot_curl_set_long(pointer, option, value))
    }

    func set(_ option: CURLoption, _ value: Bool) {
        note(ingot_curl_set_long(pointer, option, value ? 1 : 0))
    }

    func set(_ option: CURLoption, offset value: Int) {
        note(ingot_curl_set_offset(pointer, option, curl_off_t(value)))
    }

    func set(_ option: CURLoption, _ value: String) {
        note(
            value.utf8.contains(0)
                ? CURLE_BAD_FUNCTION_ARGUMENT : ingot_curl_set_string(pointer, option, value)
        )
    }

    /// The bytes are copied.
    func set(_ option: CURLoption, blob bytes: [UInt8]) {
        note(bytes.withUnsafeBytes { ingot_curl_set_blob(pointer, option, $0.baseAddress, $0.count) })
    }

    func set(_ option: CURLoption, pointer value: UnsafeMutableRawPointer?) {
        note(ingot_curl_set_pointer(pointer, option, value))
    }

    func set(_ option: CURLoption, _ callback: ingot_curl_bytes_callback) {
        note(ingot_curl_set_bytes_callback(pointer, option, callback))
    }

    func setReadyCallback(_ callback: curl_prereq_callback) {
        note(ingot_curl_set_ready_callback(pointer, callback))
    }

    func setSocketOpener(_ callback: curl_opensocket_callback) {
        note(ingot_curl_set_socket_opener(pointer, callback))
    }

    /// The whole body. The bytes are copied.
    func set(body bytes: [UInt8]) {
        set(CURLOPT_POSTFIELDSIZE_LARGE, offset: bytes.count)
        // libcurl takes no bytes for "read them from a callback" unless there is a pointer.
        var bytes = bytes.isEmpty ? [0] : bytes
        bytes.withUnsafeMutableBytes { set(CURLOPT_COPYPOSTFIELDS, pointer: $0.baseAddress) }
    }

    /// The lines of the request's head.
    func set(headers lines: [String]) {
        headers = list(lines)
        note(ingot_curl_set_list(pointer, CURLOPT_HTTPHEADER, headers))
    }

    /// Other addresses to connect to, each `host:port:other:port`.
    func set(connectTo entries: [String]) {
        connectTo = list(entries)
        note(ingot_curl_set_list(pointer, CURLOPT_CONNECT_TO, connectTo))
    }

    private func list(_ lines: [String]) -> UnsafeMutablePointer<curl_slist>? {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard !line.utf8.contains(0), let longer = curl_slist_append(list, line) else {
                note(CURLE_BAD_FUNCTION_ARGUMENT)
                continue
            }
            list = longer
        }
        return list
    }

    private func note(_ code: CURLcode) {
        if code != CURLE_OK, failure == nil { failure = code }
    }
}
