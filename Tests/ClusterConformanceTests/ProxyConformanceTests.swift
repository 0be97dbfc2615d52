import HTTPClient
import HTTPTypes
import JSON
import Kubernetes
import KubernetesModel
import Testing

@Suite(.timeLimit(.minutes(10))) struct ProxyConformanceTests {
    /// A web server that tells what it was asked. It is there for the pod's address only.
    private static let server = """
        import http.server, json, os

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                answer = json.dumps({"method": self.command, "path": self.path, "body": body}).encode()
                self.send_response(404 if self.path == "/missing" else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            do_POST = do_GET

        http.server.ThreadingHTTPServer((os.environ["POD_IP"], 8000), Handler).serve_forever()
        """

    private static let pod: JSONValue = [
        "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "web", "labels": ["app": "web"]],
        "spec": [
            "terminationGracePeriodSeconds": 0,
            "containers": [
                [
                    "name": "main", "image": "python:3-alpine",
                    "command": ["python3", "-c", .string(server)],
                    "ports": [["name": "http", "containerPort": 8000]],
                    "env": [["name": "POD_IP", "valueFrom": ["fieldRef": ["fieldPath": "status.podIP"]]]],
                    "readinessProbe": ["httpGet": ["path": "/", "port": "http"], "periodSeconds": 1],
                ]
            ],
        ],
    ]

    private static let service: JSONValue = [
        "apiVersion": "v1", "kind": "Service", "metadata": ["name": "web"],
        "spec": [
            "selector": ["app": "web"], "ports": [["name": "web", "port": 80, "targetPort": "http"]],
        ],
    ]

    private func ask(
        _ cluster: ConformingCluster,
        _ target: ProxyTarget,
        _ path: String,
        _ method: HTTPRequest.Method = .get,
        _ body: HTTPClientRequestBody = .none
    ) async throws -> JSONValue {
        let answer = try await cluster.client.proxy(target, method: method, path: path, body: body)
        return try JSONValue(parsing: try await answer.body.collect(upTo: 1 << 16))
    }

    @Test func `pods and services are reached through the API server`() async throws {
        try await ConformingCluster.use { cluster in
            let (client, namespace) = (cluster.client, cluster.namespace)
            _ = try await client.create(.services, Self.service, namespace: namespace)
            let idle = await cluster.failure {
                _ = try await $0.proxy(.service("web", port: "web", namespace: namespace))
            }
            #expect(idle?.status?.code == 503)
            #expect(idle?.status?.message.contains("no endpoints available") == true)
            _ = try await client.create(.pods, Self.pod, namespace: namespace)
            _ = try await cluster.wait(.pods, "web") { $0.condition("Ready")?["status"] == "True" }
            let pod = ProxyTarget.pod("web", port: "8000", namespace: namespace)
            #expect(
                try await ask(cluster, pod, "/a/b?c=d") == ["method": "GET", "path": "/a/b?c=d", "body": ""]
            )
            let posted = try await ask(cluster, pod, "/x", .post, .bytes(Array("text".utf8)))
            #expect(posted == ["method": "POST", "path": "/x", "body": "text"])
            let missing = await cluster.failure { _ = try await $0.proxy(pod, path: "/missing") }
            #expect(missing?.isNotFound == true)
            // Endpoints follow a moment after the pod's readiness.
            let service = ProxyTarget.service("web", port: "web", namespace: namespace)
            while true {
                do {
                    let answer = try await ask(cluster, service, "/s")
                    #expect(answer["path"] == "/s")
                    break
                } catch let error as KubernetesError where error.status?.code == 503 { continue }
            }
            let nobody = await cluster.failure {
                _ = try await $0.proxy(.service("nobody", namespace: namespace))
            }
            #expect(nobody?.isNotFound == true)
        }
    }
}
