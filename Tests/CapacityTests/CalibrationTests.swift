import FitCalibration
import JSON
import Testing

@Suite("Published measurements")
struct CalibrationTests {
    private static func calibration() throws -> Calibration {
        try Calibration(measurements: DataFile.json("calibration.json"), models: DataFile.json("models.json"))
    }

    @Test("Weights on a GPU are within 1.5 % in the mean")
    func weights() throws {
        let weights = try Self.calibration().weights
        #expect(weights.count >= 35)
        #expect(weights.meanError <= 0.015)
        #expect(weights.medianError <= 0.003)
        for comparison in weights { #expect(abs(comparison.error) <= 0.03, "\(comparison.id)") }
    }

    @Test("Tokens of a cache whose bytes the engine printed are within 0.5 % in the mean")
    func tokensOfCache() throws {
        let tokens = try Self.calibration().tokensOfCache
        #expect(tokens.count >= 15)
        #expect(tokens.meanError <= 0.005)
        #expect(tokens.medianError <= 0.001)
    }

    @Test("Tokens from the model, the card and the fraction alone are within 7 % in the mean")
    func tokensEndToEnd() throws {
        let tokens = try Self.calibration().tokens
        #expect(tokens.count >= 11)
        #expect(tokens.meanError <= 0.07)
    }

    @Test("Each record is judged right: what served fits, what failed does not")
    func judgements() throws {
        let judgements = try Self.calibration().judgements
        #expect(judgements.count >= 28)
        for judgement in judgements { #expect(judgement.fits == judgement.serves, "\(judgement.id)") }
    }

    @Test("Docs/fit.md has the table that make fit-report prints")
    func document() throws {
        let document = try String(decoding: DataFile.bytes("../../../Docs/fit.md"), as: UTF8.self)
        #expect(
            document.contains(try Self.calibration().markdown),
            "run make fit-report and put its output into Docs/fit.md"
        )
    }
}
