internal import Capacity
internal import Dispatch
internal import Synchronization

/// The GGUF files below a folder of this machine.
///
/// The folder is looked through whenever it is asked for, so that a file is there as soon as it has been copied; headers are read
/// once for each state of a file. The disk is read on a queue of its own.
public final class LocalModels: Sendable {
    /// The folder.
    public let folder: String
    /// Whether the folders in it are left out.
    private let isFlat: Bool
    private let queue = DispatchQueue(label: "ingot.local-models")
    private let headers = Mutex<[FileState: Result<LocalModelHeader, HeaderFailure>]>([:])

    /// The models below a folder.
    ///
    /// - Parameter isFlat: whether the folders in it are left out.
    public init(folder: String, isFlat: Bool = false) {
        self.folder = folder
        self.isFlat = isFlat
    }

    /// The models in the folder of a GGUF file, and how that file's is called among them; nil when there is no such file. One of
    /// several parts has the name of the first.
    public static func beside(_ path: String) -> (models: LocalModels, id: String)? {
        guard GGUFFolder.isFile(path) else { return nil }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.last.map(String.init), let file = GGUFFileName(name) else { return nil }
        let folder = parts.count == 1 ? "." : parts.dropLast().joined(separator: "/")
        return (
            LocalModels(folder: folder.isEmpty ? "/" : folder, isFlat: true),
            LocalModel.idPrefix + file.nameOfFirstPart(name)
        )
    }

    /// The models by their paths. Of a model in several parts all must be there.
    ///
    /// - Throws: when the folder cannot be read.
    public func models() async throws(FolderFailure) -> [LocalModel] {
        let result: Result<[LocalModel], FolderFailure> = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: self.read()) }
        }
        return try result.get()
    }

    /// Why the folder cannot be read just now; nil when it can.
    public func failure() async -> FolderFailure? {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: GGUFFolder.failure(of: self.folder)) }
        }
    }

    private func read() -> Result<[LocalModel], FolderFailure> {
        let files: [GGUFFile]
        do throws(FolderFailure) {
            files = try GGUFFolder.files(below: folder, isFlat: isFlat)
        } catch {
            return .failure(error)
        }
        let models = Self.grouped(files).map { parts in model(parts) }
        let inUse = Set(files.map(\.state))
        headers.withLock { headers in headers = headers.filter { inUse.contains($0.key) } }
        return .success(models.sorted { $0.id < $1.id })
    }

    /// The files of each model, its parts in order.
    private static func grouped(_ files: [GGUFFile]) -> [[GGUFFile]] {
        struct Key: Hashable {
            var folder: Substring
            var base: String
            var count: Int
        }
        var whole: [[GGUFFile]] = []
        var split: [Key: [Int: GGUFFile]] = [:]
        for file in files where !file.name.isProjector {
            guard let part = file.name.part else {
                whole.append([file])
                continue
            }
            let end = file.path.lastIndex(of: "/") ?? file.path.startIndex
            let key = Key(folder: file.path[..<end], base: file.name.base, count: part.count)
            split[key, default: [:]][part.number] = file
        }
        let complete = split.filter { $0.value.count == $0.key.count }
        return whole + complete.values.map { parts in parts.sorted { $0.key < $1.key }.map(\.value) }
    }

    private func model(_ parts: [GGUFFile]) -> LocalModel {
        let first = parts[0]
        let result = header(of: parts)
        var problem: String?
        if case .failure(let failure) = result { problem = failure.reason }
        return LocalModel(
            id: LocalModel.idPrefix + first.path,
            path: first.path,
            byteCount: parts.reduce(0) { $0 + $1.state.byteCount },
            partCount: parts.count,
            header: try? result.get(),
            problem: problem
        )
    }

    /// The header as it was read for this state of the first part, or as it is read now.
    private func header(of parts: [GGUFFile]) -> Result<LocalModelHeader, HeaderFailure> {
        let state = parts[0].state
        if let known = headers.withLock({ $0[state] }) { return known }
        let result = Result { () throws(HeaderFailure) in
            var read: [GGUFHeader] = []
            for part in parts { read.append(try GGUFFolder.header(of: "\(folder)/\(part.path)")) }
            do throws(ModelProfileFailure) {
                return try LocalModelHeader(read)
            } catch {
                throw HeaderFailure(reason: "the file has no tensors of a model")
            }
        }
        headers.withLock { $0[state] = result }
        return result
    }
}
