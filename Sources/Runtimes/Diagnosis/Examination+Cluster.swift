import KubernetesModel

extension Examination {
    /// Events about what is not a pod: sets that cannot make pods, claims, nodes, the deployment's own object.
    mutating func examineOtherEvents() {
        let nodes = Set(pods.map(\.node))
        for event in facts.events where event.isWarning && event.kind != "Pod" && !event.kind.isEmpty {
            switch event.kind {
            case "PersistentVolumeClaim":
                findings.add(.volumePending, .event, event.message, at: event.last)
            case "Node":
                guard nodes.contains(event.name), event.reason == "NodeNotReady",
                    facts.nodesReady?[event.name] != true
                else { continue }
                findings.add(.nodeLost, .event, event.message, at: event.last)
            default:
                guard event.reason.contains("Fail") || event.reason.contains("Error") else { continue }
                // What is there now says more than how it was made.
                let isPast = !pods.isEmpty && pods.count >= facts.reading.replicas.desired
                if let code = MessageCause.creation(event.message) ?? MessageCause.of(event.message) {
                    findings.add(code, .event, event.message, at: event.last, isInferred: isPast)
                } else if !isPast {
                    let code: DiagnosisCode =
                        event.reason == "FailedCreate" ? .admissionRefused : .operatorFailed
                    findings.add(code, .event, event.message, at: event.last)
                }
            }
        }
    }

    /// What the engines have said last.
    mutating func examineLogs() {
        let unready = Set(pods.filter { !$0.isReady }.map(\.name))
        for log in facts.logs where unready.contains(log.pod) {
            let place = "\(log.pod), container \(log.container)"
            let lines = log.lines.map(LogText.init)
            var isExplained = false
            for pattern in LogPattern.all {
                guard let index = lines.lastIndex(where: pattern.matches) else { continue }
                findings.add(pattern.code, .log, "\(place): \(log.lines[index])")
                isExplained = true
                break
            }
            // Where no pattern explains it, people may read what was said last.
            guard !isExplained, findings.contains(.crashLoop) else { continue }
            for line in log.lines.filter({ !$0.isEmpty }).suffix(3) {
                findings.add(.crashLoop, .log, "\(place): \(line)")
            }
        }
    }

    /// Quotas matter where pods are missing that should be there.
    mutating func examineQuotas() {
        guard pods.count < facts.reading.replicas.desired else { return }
        for quota in facts.quotas {
            guard let used = Quantity(quota.used), let hard = Quantity(quota.hard), used >= hard else {
                continue
            }
            findings.add(
                .quotaExceeded,
                .quota,
                "quota \(quota.quota): \(quota.used) of \(quota.hard) \(quota.resource) are used",
                isInferred: true
            )
        }
    }

    /// A token that is not where the pods look for it, or that there is none of.
    mutating func examineSecrets() {
        guard let spec = facts.reading.spec else { return }
        if let name = spec.tokenSecret {
            guard let secrets = facts.secrets else { return }
            if secrets[name] == nil {
                findings.add(.tokenMissing, .secret, "there is no secret \(name)", isInferred: true)
            } else if secrets[name]?.contains("HF_TOKEN") == false {
                findings.add(
                    .tokenMissing,
                    .secret,
                    "the secret \(name) has no key HF_TOKEN",
                    isInferred: true
                )
            }
        } else if facts.isModelGated == true, spec.model.path == nil,
            !spec.environment.contains(where: { $0.name == "HF_TOKEN" }), !findings.areTelling
        {
            findings.add(
                .tokenMissing,
                .model,
                "\(spec.model.id) is gated, and the deployment has no hfTokenSecret",
                isInferred: true
            )
        }
    }

    /// Whether somebody is there to make something of the object.
    mutating func examineOperator() {
        guard let runtime = facts.runtime else { return }
        let name = facts.reading.runtime.rawValue
        if !runtime.isDefined {
            findings.add(.operatorMissing, .operator, "the kinds of objects of \(name) are not defined")
        } else if runtime.isOperatorRunning == false {
            let code: DiagnosisCode = runtime.message.isEmpty ? .operatorMissing : .operatorFailed
            let text = runtime.message.isEmpty ? "no operator of \(name) runs" : runtime.message
            // Pods that are there already have reasons of their own.
            findings.add(code, .operator, text, isInferred: !pods.isEmpty)
        }
    }
}
