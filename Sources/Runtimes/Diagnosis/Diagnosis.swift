public import JSON

/// Why a deployment is not running: one cause, what shows it, and what helps.
public struct Diagnosis: Sendable, Hashable {
    /// What the evidence was found in.
    public enum Source: String, Sendable, Hashable, CaseIterable {
        /// The object that stands for the deployment.
        case deployment
        /// A pod's status.
        case pod
        /// An event.
        case event
        /// The nodes, and what is free on them.
        case capacity
        /// A quota of the namespace.
        case quota
        /// The secrets of the namespace.
        case secret
        /// What is known of the model.
        case model
        /// The runtime's operator.
        case `operator`
        /// A container's log.
        case log
    }

    /// What shows the cause.
    public struct Evidence: Sendable, Hashable {
        /// Where it was found.
        public var source: Source
        /// It, as it was found.
        public var text: String
        /// When; nil when that is not told.
        public var time: Timestamp?

        /// Something found.
        public init(_ source: Source, _ text: String, at time: Timestamp? = nil) {
            self.source = source
            self.text = text
            self.time = time
        }
    }

    /// The cause.
    public var code: DiagnosisCode
    /// The cause in a sentence.
    public var summary: String
    /// What shows it; the plainest first.
    public var evidence: [Evidence]
    /// What helps, the likeliest first.
    public var nextSteps: [String]
    /// What lacks, where something lacks.
    public var resource: ConstrainedResource?
    /// Whether more nodes would help.
    public var canAutoscalerHelp: Bool

    init(
        _ code: DiagnosisCode,
        _ summary: String? = nil,
        evidence: [Evidence],
        resource: ConstrainedResource? = nil,
        canAutoscalerHelp: Bool = false
    ) {
        self.code = code
        self.summary = summary ?? code.summary
        self.evidence = evidence
        nextSteps = code.nextSteps
        self.resource = resource
        self.canAutoscalerHelp = canAutoscalerHelp
    }
}

/// What of a cluster there may be too little of, in the API's words.
public enum ConstrainedResource: String, Sendable, Hashable, CaseIterable {
    /// GPUs.
    case gpu
    /// Processors.
    case cpu
    /// Memory.
    case memory
}
