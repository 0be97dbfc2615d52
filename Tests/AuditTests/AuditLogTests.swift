import JSON
import Testing

@testable import Audit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A folder that goes with the value.
private final class Folder {
    let path: String

    init() throws {
        var template = Array("/tmp/ingot-audit-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw AuditFailure.system("/tmp") }
        path = template.withUnsafeBufferPointer { bytes in
            String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    deinit {
        for number in (try? AuditFiles(folder: log).numbers()) ?? [] {
            unlink(AuditFiles(folder: log).path(number))
        }
        unlink("\(log)/lock")
        rmdir(log)
        rmdir(path)
    }

    var log: String { "\(path)/audit" }
}

struct AuditLogTests {
    private static func entry(_ name: String) -> AuditEntry {
        AuditEntry(
            time: Timestamp(secondsSinceEpoch: 1_700_000_000),
            user: "ada",
            remote: "127.0.0.1:1",
            method: "DELETE",
            route: "/api/deployments/{name}",
            object: [.init("name", name)],
            status: 200,
            isRefused: false,
            requestID: "r"
        )
    }

    @Test("a line has what is said of a request and the hash of the line before it")
    func line() throws {
        let line = Self.entry("a\nb").line(number: 7, previous: "00")
        #expect(!line.contains(0x0A))
        let json = try JSONValue(parsing: line)
        #expect(
            json == [
                "number": 7, "previous": "00", "time": "2023-11-14T22:13:20.000Z", "user": "ada",
                "remote": "127.0.0.1:1", "method": "DELETE", "route": "/api/deployments/{name}",
                "object": ["name": "a\nb"], "status": 200, "refused": false, "requestId": "r",
            ]
        )
    }

    @Test("a text that is too long is cut, so that every line can be read back")
    func longTexts() {
        var entry = Self.entry(String(repeating: "n", count: 100_000))
        entry.user = String(repeating: "ü", count: 100_000)
        #expect(entry.line(number: 1, previous: AuditChain.beginning).count < 64 * 1024)
    }

    @Test("lines of many at once make one chain over files of a limited size, the oldest of which go")
    func chain() async throws {
        let folder = try Folder()
        let log = try AuditLog(folder: folder.log, fileSize: 8 * 1024, files: 4)
        try await withThrowingTaskGroup { group in
            for number in 0..<300 {
                group.addTask { try await log.append(Self.entry("d\(number)")) }
            }
            try await group.waitForAll()
        }
        let found = try AuditVerification(folder: folder.log)
        #expect(found.defect == nil)
        #expect(found.lastNumber == 300)
        #expect((1...4).contains(found.files))
        #expect(found.lines <= 300)
        #expect(log.obstacle == nil)
    }

    @Test("a log that is opened again goes on where it was")
    func reopened() async throws {
        let folder = try Folder()
        for _ in 0..<3 {
            let log = try AuditLog(folder: folder.log, fileSize: 1 << 20, files: 4)
            try await log.append(Self.entry("a"))
        }
        let found = try AuditVerification(folder: folder.log)
        #expect(found.defect == nil)
        #expect(found.lines == 3)
    }

    @Test("two that write to one log make one chain")
    func twoWriters() async throws {
        let folder = try Folder()
        let logs = try (0..<2).map { _ in try AuditLog(folder: folder.log, fileSize: 4 * 1024, files: 100) }
        try await withThrowingTaskGroup { group in
            for number in 0..<100 {
                group.addTask { try await logs[number % 2].append(Self.entry("d\(number)")) }
            }
            try await group.waitForAll()
        }
        let found = try AuditVerification(folder: folder.log)
        #expect(found.defect == nil)
        #expect(found.lines == 100)
    }

    @Test("a missing file shows")
    func missingFile() async throws {
        let folder = try Folder()
        let log = try AuditLog(folder: folder.log, fileSize: 1024, files: 100)
        for number in 0..<20 { try await log.append(Self.entry("d\(number)")) }
        let files = AuditFiles(folder: folder.log)
        let numbers = try files.numbers()
        #expect(numbers.count > 3)
        unlink(files.path(numbers[1]))
        let found = try AuditVerification(folder: folder.log)
        #expect(found.defect?.file == AuditFiles.name(numbers[2]))
        #expect(found.defect?.reason.contains("is missing") == true)
    }

    @Test("a folder that cannot be made is refused at once")
    func noFolder() {
        #expect(throws: AuditFailure.self) {
            try AuditLog(folder: "/dev/null/audit", fileSize: 1 << 20, files: 2)
        }
    }
}
