import JSON

extension Diagnosis {
    /// All that may keep a deployment from serving, the answer first. There is always at least one.
    public static func all(_ facts: DiagnosisFacts) -> [Diagnosis] {
        var examination = Examination(facts)
        examination.run()
        return adding(facts.fit, to: examination.findings.ordered)
    }
}

/// One look at a deployment: its object, its pods, their events, the cluster's capacity, quotas, secrets, the operator, the logs.
struct Examination {
    let facts: DiagnosisFacts
    var findings = Findings()
    /// What an operator says that has given up, in words that tell nothing else.
    private var lastWords: [String] = []

    /// A deletion that takes longer is held back by something: pods end within 30 seconds, and engines seldom ask for more.
    private static let deletionMinutes = 5.0

    init(_ facts: DiagnosisFacts) {
        self.facts = facts
    }

    /// The pods that count: those that are over matter only where none has taken their place.
    var pods: [ServingPod] {
        let present = facts.pods.filter { !$0.isBeingDeleted && !$0.isOver }
        return present.isEmpty ? facts.pods.filter { !$0.isBeingDeleted } : present
    }

    mutating func run() {
        if facts.reading.isBeingDeleted {
            examineDeletion()
            return
        }
        if facts.standing.phase == .running {
            let isEmpty = facts.reading.replicas.desired == 0 && facts.reading.mode == .aggregated
            findings.add(
                isEmpty ? .scaledToZero : .running,
                .deployment,
                "\(facts.reading.replicas.ready) of \(facts.reading.replicas.desired) replicas are ready"
            )
            return
        }
        examineObject()
        for pod in pods where !pod.isReady { examine(pod) }
        examineOtherEvents()
        examineLogs()
        examineReplaced()
        examineQuotas()
        examineSecrets()
        examineOperator()
        addLastWords()
        if findings.isEmpty { addGeneral() }
    }

    private mutating func examineDeletion() {
        let reading = facts.reading
        var evidence: [Diagnosis.Evidence] = []
        if let since = facts.deletionRequested {
            evidence.append(.init(.deployment, "deletion was asked for", at: since))
        }
        if !facts.finalizers.isEmpty {
            evidence.append(.init(.deployment, "finalizers: \(facts.finalizers.joined(separator: ", "))"))
        }
        let age = facts.deletionRequested.map { facts.now.seconds(since: $0) } ?? 0
        let isStuck = age > Self.deletionMinutes * 60
        if isStuck, facts.runtime?.isOperatorRunning == false {
            evidence.append(.init(.operator, "the operator of \(reading.runtime.rawValue) does not run"))
        }
        if isStuck {
            for pod in facts.pods where pod.isBeingDeleted {
                evidence.append(.init(.pod, "\(pod.name) is still there on node \(pod.node)"))
            }
        }
        if evidence.isEmpty { evidence = [.init(.deployment, "it is being deleted")] }
        findings.add(Diagnosis(isStuck ? .terminatingStuck : .terminating, evidence: evidence))
    }

    // MARK: The object

    private mutating func examineObject() {
        let reading = facts.reading
        if reading.replicas.desired == 0, reading.mode == .aggregated {
            findings.add(.scaledToZero, .deployment, "replicas: 0")
        }
        if !reading.message.isEmpty { examineWord(reading.message, reading.phase == .failed) }
        for condition in reading.conditions where !condition.message.isEmpty {
            let isFailure = condition.type == "ReplicaFailure" && condition.isTrue
            guard condition.isFalse || isFailure else { continue }
            let word = [condition.type, condition.reason, condition.message]
                .filter { !$0.isEmpty }.joined(separator: ": ")
            examineWord(word, isFailure)
        }
    }

    /// Reads what an operator says.
    ///
    /// - Parameter isFinal: whether it has given up.
    private mutating func examineWord(_ text: String, _ isFinal: Bool) {
        if let code = MessageCause.creation(text) ?? MessageCause.of(text) {
            findings.add(code, .deployment, text)
        } else if text.contains("SelectedNodes: 0") {
            // KAITO, with nodes that somebody else provides.
            findings.add(.nodeSelectorMismatch, .deployment, text)
        } else if text.contains("Not enough Nodes are ready") || text.contains("NodeClaimNotReady") {
            findings.add(.nodeProvisioning, .deployment, text, isInferred: true)
        } else if isFinal {
            lastWords.append(text)
        }
    }

    /// Where the deployment's containers crash or do not answer, its operator's failure is what comes of that.
    private mutating func addLastWords() {
        let code = [DiagnosisCode.probeFailing, .crashLoop].first(where: findings.contains)
        for text in lastWords { findings.add(code ?? .operatorFailed, .deployment, text) }
    }

    // MARK: The rest

    private mutating func addGeneral() {
        let bound = pods.first { !$0.node.isEmpty }
        if let bound {
            findings.add(.startingSlowly, .pod, "\(bound.name) is \(bound.phase) on node \(bound.node)")
        } else if let pod = pods.first {
            findings.add(.unknown, .pod, "\(pod.name) is \(pod.phase) without a node, and no event says why")
        } else {
            let message = facts.standing.message
            findings.add(.unknown, .deployment, message.isEmpty ? "it has no pods" : message)
        }
    }
}
