import CCurl
import Glibc

/// The thread of a client.
enum LoopThread {
    private final class Task {
        let loop: TransferLoop
        let end: LoopEnd

        init(loop: TransferLoop, end: LoopEnd) {
            self.loop = loop
            self.end = end
        }
    }

    /// libcurl is set up once in a process, before any other use of it.
    private static let isSetUp = curl_global_init(Int(CURL_GLOBAL_SSL | CURL_GLOBAL_WIN32)) == CURLE_OK

    /// Starts a loop that is told what to do through `mailbox`.
    static func start(mailbox: LoopMailbox, idleConnections: Int, end: LoopEnd) throws(HTTPClientError) {
        guard isSetUp else { throw HTTPClientError(.connect, host: "", reason: "libcurl cannot be set up") }
        guard let loop = TransferLoop(mailbox: mailbox, connections: idleConnections) else {
            throw HTTPClientError(.connect, host: "", reason: "no descriptor or memory for a client")
        }
        let task = Unmanaged.passRetained(Task(loop: loop, end: end))
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            nil,
            { context in
                guard let context else { return nil }
                LoopThread.work(Unmanaged<Task>.fromOpaque(context))
                return nil
            },
            task.toOpaque()
        )
        guard code == 0 else {
            task.release()
            throw HTTPClientError(.connect, host: "", reason: "no thread for a client")
        }
        pthread_detach(thread)
    }

    private static func work(_ task: Unmanaged<Task>) {
        let end: LoopEnd
        do {
            let task = task.takeRetainedValue()
            end = task.end
            task.loop.run()
        }
        // The loop, and with it libcurl's connections, is gone here.
        end.signal()
    }
}
