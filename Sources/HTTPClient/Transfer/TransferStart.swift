/// What the loop needs to begin a transfer.
struct TransferStart: Sendable {
    var transfer: Transfer
    var request: HTTPClientRequest
    var url: RequestURL
    var upload: UploadQueue?
    var proxy: ProxyPolicy
    var userAgent: String
}
