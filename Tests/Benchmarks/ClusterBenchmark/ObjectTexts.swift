extension ObjectTemplate {
    /// A node with eight GPUs, of the size that they have in a cloud. A change's value is the number of GPUs that pods may request.
    static let node = ObjectTemplate(
        """
        {"metadata":{"name":"ip-10-0-<number>.compute.internal","uid":"5b0c2c7e-6c1c-4a63-9e0f-0000000<number>",
        "resourceVersion":"<version>","creationTimestamp":"2026-01-05T10:00:00Z","labels":{
        "beta.kubernetes.io/arch":"amd64","beta.kubernetes.io/os":"linux","kubernetes.io/arch":"amd64",
        "kubernetes.io/os":"linux","kubernetes.io/hostname":"ip-10-0-<number>.compute.internal",
        "node.kubernetes.io/instance-type":"gpu.8xlarge","topology.kubernetes.io/region":"region-1",
        "topology.kubernetes.io/zone":"region-1b","nvidia.com/gpu.product":"NVIDIA-H100-80GB-HBM3",
        "nvidia.com/gpu.memory":"81559","nvidia.com/gpu.count":"8","nvidia.com/gpu.present":"true"},
        "annotations":{"node.alpha.kubernetes.io/ttl":"0",
        "volumes.kubernetes.io/controller-managed-attach-detach":"true"},
        "managedFields":[\(managedFields)]},
        "spec":{"podCIDR":"10.4.0.0/24","providerID":"cloud:///region-1b/i-0c6f5d4b<number>"},
        "status":{"capacity":{"cpu":"192","ephemeral-storage":"1043423212Ki","hugepages-1Gi":"0",
        "hugepages-2Mi":"0","memory":"2113526128Ki","nvidia.com/gpu":"8","pods":"250"},
        "allocatable":{"cpu":"191450m","ephemeral-storage":"960545230Ki","hugepages-1Gi":"0",
        "hugepages-2Mi":"0","memory":"2110319984Ki","nvidia.com/gpu":"<value>","pods":"250"},
        "conditions":[
        {"type":"MemoryPressure","status":"False","reason":"KubeletHasSufficientMemory",\(times),
        "message":"kubelet has sufficient memory available"},
        {"type":"DiskPressure","status":"False","reason":"KubeletHasNoDiskPressure",\(times),
        "message":"kubelet has no disk pressure"},
        {"type":"PIDPressure","status":"False","reason":"KubeletHasSufficientPID",\(times),
        "message":"kubelet has sufficient PID available"},
        {"type":"Ready","status":"True","reason":"KubeletReady",\(times),
        "message":"kubelet is posting ready status"}],
        "addresses":[{"type":"InternalIP","address":"10.0.<number>"},
        {"type":"Hostname","address":"ip-10-0-<number>.compute.internal"}],
        "daemonEndpoints":{"kubeletEndpoint":{"Port":10250}},
        "nodeInfo":{"machineID":"ec2b1a9d5f9e4a1c9d0b0c1d2e3<number>","kernelVersion":"6.1.115",
        "osImage":"Linux","containerRuntimeVersion":"containerd://1.7.23","kubeletVersion":"v1.34.1",
        "operatingSystem":"linux","architecture":"amd64"},
        "images":[\(images)]}}
        """
    )

    /// A pod with a GPU, of a deployment's replica set. A change's value is the number of restarts.
    static let pod = ObjectTemplate(
        """
        {"metadata":{"name":"model-server-<set>-6f8d9c7b5d-<number>","generateName":"model-server-<set>-6f8d9c7b5d-",
        "namespace":"team-models","uid":"0d9a3f7e-11c2-4f6e-8a55-0000000<number>","resourceVersion":"<version>",
        "generation":1,"creationTimestamp":"2026-02-03T08:30:00Z","labels":{"app.kubernetes.io/name":"model-server",
        "app.kubernetes.io/instance":"model-server-<set>","app.kubernetes.io/component":"inference",
        "pod-template-hash":"6f8d9c7b5d"},"annotations":{"prometheus.io/scrape":"true","prometheus.io/port":"8000",
        "kubectl.kubernetes.io/restartedAt":"2026-02-03T08:29:58Z"},
        "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"model-server-<set>-6f8d9c7b5d",
        "uid":"77aa33f7-0b1e-4a55-9f10-0000000<set>","controller":true,"blockOwnerDeletion":true}],
        "managedFields":[\(managedFields)]},
        "spec":{"volumes":[{"name":"kube-api-access-x7k2p","projected":{"sources":[{"serviceAccountToken":{
        "expirationSeconds":3607,"path":"token"}},{"configMap":{"name":"kube-root-ca.crt","items":[{"key":"ca.crt",
        "path":"ca.crt"}]}}],"defaultMode":420}},{"name":"cache","emptyDir":{}}],
        "containers":[{"name":"server","image":"registry.example.com/inference/model-server:2.14.0",
        "args":["--model","/models/llama","--port","8000"],"ports":[{"containerPort":8000,"protocol":"TCP"}],
        "env":[{"name":"MODEL_CACHE","value":"/cache"},{"name":"POD_NAME","valueFrom":{"fieldRef":{
        "apiVersion":"v1","fieldPath":"metadata.name"}}}],
        "resources":{"limits":{"cpu":"16","memory":"128Gi","nvidia.com/gpu":"1"},
        "requests":{"cpu":"8","memory":"96Gi","nvidia.com/gpu":"1"}},
        "volumeMounts":[{"name":"cache","mountPath":"/cache"},{"name":"kube-api-access-x7k2p","readOnly":true,
        "mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"}],
        "readinessProbe":{"httpGet":{"path":"/health","port":8000,"scheme":"HTTP"},"timeoutSeconds":1,
        "periodSeconds":10,"successThreshold":1,"failureThreshold":3},
        "terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File",
        "imagePullPolicy":"IfNotPresent"}],"restartPolicy":"Always","terminationGracePeriodSeconds":30,
        "dnsPolicy":"ClusterFirst","serviceAccountName":"default","serviceAccount":"default",
        "nodeName":"ip-10-0-<node>.compute.internal","securityContext":{},"schedulerName":"default-scheduler",
        "tolerations":[{"key":"nvidia.com/gpu","operator":"Exists","effect":"NoSchedule"},
        {"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}],
        "priority":0,"enableServiceLinks":true,"preemptionPolicy":"PreemptLowerPriority"},
        "status":{"phase":"<phase>","conditions":[\(podConditions)],
        "hostIP":"10.0.<node>","podIP":"10.4.<number>","podIPs":[{"ip":"10.4.<number>"}],
        "startTime":"2026-02-03T08:30:01Z","containerStatuses":[{"name":"server","state":{"running":{
        "startedAt":"2026-02-03T08:30:09Z"}},"lastState":{},"ready":true,"restartCount":<value>,
        "image":"registry.example.com/inference/model-server:2.14.0","imageID":"registry.example.com/inference/
        model-server@sha256:9d2f6d6c3c3c0d4a7c7d4f1d8f6f5c5be0a1b2c3d4e5f60718293a4b5c6d7e8f","containerID":"containerd://
        4f1d8f6f5c5be0a1b2c3d4e5f60718293a4b5c6d7e8f9d2f6d6c3c3c0d<number>","started":true}],"qosClass":"Burstable"}}
        """
    )

    /// A namespace of deployments.
    static let namespace = ObjectTemplate(
        """
        {"metadata":{"name":"team-<team>","uid":"8a55cc2c-6c1c-4a63-9e0f-0000000<number>","resourceVersion":"<version>",
        "creationTimestamp":"2026-01-05T10:00:00Z"},"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}}
        """
    )

    private static let times =
        #""lastHeartbeatTime":"2026-02-03T08:30:01Z","lastTransitionTime":"2026-01-05T10:00:10Z""#

    static let podConditions = [
        "PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled",
    ]
    .map {
        #"{"type":"\#($0)","status":"True","lastProbeTime":null,"lastTransitionTime":"2026-02-03T08:30:12Z"}"#
    }
    .joined(separator: ",")

    private static let images = (0..<10)
        .map {
            #"{"names":["registry.example.com/inference/image-\#($0)@sha256:9d2f6d6c3c3c"],"sizeBytes":90443812}"#
        }
        .joined(separator: ",")

    static let managedFields = """
        {"manager":"kubelet","operation":"Update","apiVersion":"v1","time":"2026-02-03T08:30:12Z","fieldsType":"FieldsV1",
        "fieldsV1":{"f:status":{"f:conditions":{".":{},"k:{\\"type\\":\\"ContainersReady\\"}":{".":{},"f:lastProbeTime":{},
        "f:lastTransitionTime":{},"f:status":{},"f:type":{}},"k:{\\"type\\":\\"Ready\\"}":{".":{},"f:lastProbeTime":{},
        "f:lastTransitionTime":{},"f:status":{},"f:type":{}}},"f:containerStatuses":{},"f:hostIP":{},"f:phase":{}}},
        "subresource":"status"}
        """
}
