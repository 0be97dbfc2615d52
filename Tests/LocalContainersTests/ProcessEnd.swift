internal import CContainerShim
internal import Dispatch
internal import Glibc

/// Waits until a process has ended, by the kernel's word; at once when there is none with this ID.
func waitForEnd(of process: Int32) async {
    let descriptor = ingot_process_descriptor(process)
    guard descriptor >= 0 else { return }
    await readable(descriptor)
    close(descriptor)
}

/// Waits until something can be read from a descriptor, or its end.
func readable(_ descriptor: Int32) async {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global())
        source.setEventHandler { source.cancel() }
        source.setCancelHandler { continuation.resume() }
        source.activate()
    }
}

/// A pipe in the file system: processes say through it what they have reached.
struct NamedPipe {
    let path: String
    private let descriptor: Int32

    init(_ path: String) throws {
        self.path = path
        guard mkfifo(path, 0o600) == 0 else { throw SystemFailure(code: errno) }
        // For reading and writing, so that there is no end of file between two writers.
        descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFailure(code: errno) }
    }

    /// Writes text for a process to read.
    func write(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw SystemFailure(code: errno)
        }
    }

    /// Whether a process has written something that was not read yet.
    var hasText: Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) == 1
    }

    /// The next lines that processes write, as many as asked for.
    func lines(_ count: Int) async -> [String] {
        var text = ""
        while text.utf8.count(where: { $0 == 0x0A }) < count {
            var byte: UInt8 = 0
            if Glibc.read(descriptor, &byte, 1) == 1 {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                await readable(descriptor)
            }
        }
        return text.split(separator: "\n").map(String.init)
    }
}
