import Metrics

/// Holds up whoever counts a request to the destination `held` as ended, which is the thread of a client's transfers.
final class HoldingMetrics: MetricsFactory {
    private final class Holder: CounterHandler {
        let isHeld: Signal
        let mayGoOn: Signal

        init(_ metrics: HoldingMetrics) {
            isHeld = metrics.isHeld
            mayGoOn = metrics.mayGoOn
        }

        func increment(by amount: Int64) {
            isHeld.add()
            mayGoOn.block(for: 1)
        }

        func reset() {}
    }

    let isHeld = Signal()
    let mayGoOn = Signal()

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        dimensions.contains { $0.1 == "held" } ? Holder(self) : NOOPMetricsHandler.instance
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        NOOPMetricsHandler.instance
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        NOOPMetricsHandler.instance
    }

    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}
