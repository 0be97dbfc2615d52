/// The controllers that a cluster has without any operator.
enum BuiltInControllers {
    /// All of them, to be run by one `ControllerLoop` each.
    ///
    /// - Parameter rootCertificate: The certificate by which pods know the API server, in PEM form.
    static func all(rootCertificate: String) -> [any Controller] {
        [
            DeploymentController(), ReplicaSetController(), StatefulSetController(), DaemonSetController(),
            JobController(), FinishedJobController(),
            DisruptionController(),
            EndpointsController(), EndpointSliceController(),
            GarbageCollector(), NamespaceController(), CustomResourceCleanup(),
            NodeLifecycleController(), TaintEvictionController(), PodGarbageCollector(), EventExpiry(),
            VolumeClaimController(), VolumeController(),
            ServiceAccountController(), RootCertificatePublisher(certificate: rootCertificate),
        ]
    }
}
