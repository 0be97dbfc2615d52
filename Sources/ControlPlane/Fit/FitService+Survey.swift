public import Capacity
public import HuggingFace

extension FitService {
    /// How one product does with a model.
    public struct ProductFit: Sendable {
        /// The product.
        public let product: GPUProduct
        /// The answer for as many of it as one machine has at most.
        public let answer: Answer
    }

    /// Answers a request for each of several products in turn, to tell which GPU a model needs. The request's own GPUs do not
    /// count.
    ///
    /// - Parameters:
    ///   - products: the products; those whose memory was measured where none are named.
    ///   - token: reads gated models of the Hub; nil for what everybody may read.
    /// - Returns: the products in the order given.
    public func survey(
        _ document: FitRequestDocument,
        of products: [GPUProduct] = GPUProduct.all.filter(\.isEstablished),
        token: HubToken?
    ) async throws(Failure) -> [ProductFit] {
        let model = try await model(of: document, token)
        return products.map { product in
            var request = document.request
            request.engine = model.engine(for: document)
            request.devices = [
                FitDevice(named: product.name, count: product.isUnifiedMemory ? 1 : Self.mostOfOneMachine)
            ]
            let report = Fit.evaluate(model.profile, request)
            return ProductFit(product: product, answer: Answer(report, request.engine, nil, model))
        }
    }

    /// As many GPUs as the usual machine has.
    private static let mostOfOneMachine = 8
}
