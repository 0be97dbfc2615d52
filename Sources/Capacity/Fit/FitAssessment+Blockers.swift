extension FitAssessment {
    /// What is in the way on any GPU.
    func modelBlockers() -> [FitBlocker] {
        var blockers: [FitBlocker] = []
        let name = request.engine.rawValue
        switch request.engine.support(of: profile.architecture, version: version) {
        case .supported: break
        case .removed(let last):
            blockers.append(
                FitBlocker(
                    .architectureRemoved,
                    "\(profile.architecture) was last supported in \(name) \(last)",
                    fix: .engineVersion(last)
                )
            )
        case .unsupported:
            blockers.append(
                FitBlocker(.architectureUnsupported, "\(name) does not run \(profile.architecture)")
            )
        case .unknown:
            let text =
                profile.architecture.isEmpty
                ? "The model's architecture is not known" : "\(profile.architecture) is in no list of \(name)"
            blockers.append(FitBlocker(.architectureUnknown, text))
        }
        if let unknown = profile.unknownQuantization {
            blockers.append(
                FitBlocker(.quantizationUnknown, "The quantisation '\(unknown)' is not known to this version")
            )
        }
        if !profile.hasLayout {
            blockers.append(FitBlocker(.layoutUnknown, "Without the layers' sizes the cache cannot be told"))
        }
        let isGGUF = profile.ggufFormat != nil
        if request.engine == .llamaCpp, !isGGUF {
            blockers.append(
                FitBlocker(.weightFile, "llama.cpp needs a GGUF file", fix: .quantization("Q4_K_M"))
            )
        }
        if request.engine == .tensorRTLLM, isGGUF {
            blockers.append(FitBlocker(.weightFile, "TensorRT-LLM reads no GGUF files"))
        }
        return blockers
    }

    /// What is in the way on one kind of GPU, whatever the spread.
    func deviceBlockers(_ device: FitDevice) -> [FitBlocker] {
        var blockers: [FitBlocker] = []
        if device.visibleBytes == nil {
            blockers.append(FitBlocker(.memoryUnknown, "The memory of '\(device.name)' is not known"))
        } else if device.shareBytes == nil {
            blockers.append(FitBlocker(.sharedGPU, "'\(device.name)' is shared by nobody knows how many"))
        }
        guard request.engine != .llamaCpp, let capability = device.capability else { return blockers }
        let least = leastCapability
        if capability < least.capability {
            blockers.append(
                FitBlocker(
                    .capability,
                    "\(least.what) needs compute capability \(least.capability), \(device.name) has \(capability)"
                )
            )
        } else if capability < ComputeCapability(8, 0), profile.family.hasPrefix("gemma3") {
            blockers.append(FitBlocker(.capability, "Gemma 3 needs bfloat16, which \(device.name) lacks"))
        }
        return blockers
    }

    /// The least compute capability for the engine and the quantisation (vLLM, `get_min_capability` of each method).
    private var leastCapability: (capability: ComputeCapability, what: String) {
        let engine = (ComputeCapability(7, 0), request.engine.rawValue)
        guard let method = profile.quantization?.method else { return engine }
        let capability: ComputeCapability =
            switch method {
            case "fbgemm_fp8", "mxfp4", "experts_int8": ComputeCapability(8, 0)
            case "fp8", "awq", "modelopt", "torchao", "compressed-tensors": ComputeCapability(7, 5)
            default: ComputeCapability(7, 0)
            }
        return (capability, "quantisation \(method)")
    }
}
