import FitCalibration
import JSON

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Prints what the estimate says to each published measurement, as Markdown. The arguments are the file of measurements and the
/// file of models.
func contents(of path: String) -> JSONValue? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return try? JSONValue(parsing: bytes)
}

let arguments = CommandLine.arguments.dropFirst()
guard arguments.count == 2, let measurements = contents(of: arguments[1]),
    let models = contents(of: arguments[2])
else {
    let usage = Array("usage: FitReport MEASUREMENTS MODELS\n".utf8)
    _ = write(2, usage, usage.count)
    exit(64)
}
print(Calibration(measurements: measurements, models: models).markdown, terminator: "")
