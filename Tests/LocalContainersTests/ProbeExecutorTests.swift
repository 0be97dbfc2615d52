internal import Glibc
internal import HTTPClient
internal import LocalContainers
internal import Testing

@Suite(.timeLimit(.minutes(10)))
struct ProbeExecutorTests {
    let scratch: Scratch
    let executor: ProbeExecutor

    init() throws {
        scratch = try Scratch()
        executor = ProbeExecutor(
            client: try HTTPClient(),
            context: ProbeExecutor.CommandContext(
                environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "SCRATCH": scratch.path],
                workingDirectory: scratch.path,
                scratchFolder: scratch.path
            ),
            shim: fixture
        )
    }

    /// A server in a container, at an address as pods have it, that answers /CODE with that status.
    private func server() async throws -> (container: LocalContainer, host: String, port: UInt16) {
        let script = """
            import http.server, os, threading
            class Handler(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    if self.path == "/hang":
                        threading.Event().wait()
                    head = self.path.split("?")[0].split("/")
                    agent = self.headers["User-Agent"].startswith("kube-probe/") and self.headers["X-Probe"] != "bad"
                    if head[1] == "host":
                        head[1] = 200 if self.headers["Host"] == "example.com" else 421
                    self.send_response(int(head[1]) if agent else 500)
                    if len(head) > 2:
                        self.send_header("Location", "/".join([""] + head[2:]).replace("/http:", "http:/"))
                    self.end_headers()
            server = http.server.ThreadingHTTPServer(("127.64.3.2", 0), Handler)
            server.daemon_threads = True
            with open(os.environ["SCRATCH"] + "/port", "w") as pipe:
                pipe.write(f"{server.server_port}\\n")
            server.serve_forever()
            """
        let pipe = try NamedPipe(scratch.file("port"))
        let container = try await shell("", in: scratch) { $0.command = ["python3", "-c", script] }
        let port = try #require(await pipe.lines(1).first.flatMap { UInt16($0) })
        return (container, "127.64.3.2", port)
    }

    @Test("A GET request succeeds with a status of 200 to 399, and follows redirects at the same origin")
    func http() async throws {
        let (container, host, port) = try await server()
        func outcome(_ path: String, _ headers: [Probe.Header] = []) async -> ProbeOutcome {
            let request = Probe.HTTPGet(host: host, port: port, path: path, headers: headers)
            return await executor.run(Probe(.httpGet(request), timeout: .seconds(60)))
        }
        #expect(await outcome("/200") == .success)
        #expect(await outcome("204?a=b") == .success)
        #expect(await outcome("/404") == .failure("HTTP probe failed with statuscode: 404"))
        #expect(await outcome("/503") == .failure("HTTP probe failed with statuscode: 503"))
        #expect(await outcome("/302/200") == .success)
        #expect(await outcome("/302/500") == .failure("HTTP probe failed with statuscode: 500"))
        #expect(await outcome("/302/http://127.0.0.9:1/500") == .success)
        #expect(
            await outcome("/200", [Probe.Header(name: "X-Probe", value: "bad")])
                == .failure("HTTP probe failed with statuscode: 500")
        )
        // One server may be several sites.
        #expect(await outcome("/host") == .failure("HTTP probe failed with statuscode: 421"))
        #expect(await outcome("/host", [Probe.Header(name: "host", value: "example.com")]) == .success)
        container.stop(grace: .zero)
        _ = await container.waitForExit()
        #expect(
            await outcome("/200")
                == .failure(
                    "Get \"http://\(host):\(port)/200\": dial tcp \(host):\(port): connect: connection refused"
                )
        )
    }

    @Test("A server that does not answer in time fails the request")
    func httpTimeout() async throws {
        let (container, host, port) = try await server()
        let request = Probe.HTTPGet(host: host, port: port, path: "/hang")
        #expect(
            await executor.run(Probe(.httpGet(request), timeout: .milliseconds(50)))
                == .failure(
                    "Get \"http://\(host):\(port)/hang\": context deadline exceeded "
                        + "(Client.Timeout exceeded while awaiting headers)"
                )
        )
        container.stop(grace: .zero)
        _ = await container.waitForExit()
    }

    @Test("A connection succeeds while somebody listens, and fails with the system's reason after that")
    func socket() async throws {
        let (container, host, port) = try await server()
        let probe = Probe(.tcpSocket(host: host, port: port), timeout: .seconds(60))
        #expect(await executor.run(probe) == .success)
        container.stop(grace: .zero)
        _ = await container.waitForExit()
        #expect(
            await executor.run(probe) == .failure("dial tcp \(host):\(port): connect: connection refused")
        )
    }

    @Test("A command succeeds when it exits with 0, and its output is the message when it does not")
    func command() async throws {
        func outcome(_ script: String) async -> ProbeOutcome {
            await executor.run(Probe(.exec(["sh", "-c", script]), timeout: .seconds(60)))
        }
        #expect(await outcome("[ \"$(pwd)\" = \"$SCRATCH\" ]") == .success)
        #expect(await outcome("echo no; echo really >&2; exit 1") == .failure("no\nreally\n"))
        #expect(await outcome("kill -9 $$") == .failure(""))
        #expect(
            await executor.run(Probe(.exec(["no-such-command"])))
                == .error(
                    "failed to exec in container: exec: \"no-such-command\": executable file not found in $PATH"
                )
        )
        // Nothing is left of the output.
        let container = try await shell("ls $SCRATCH", in: scratch)
        _ = await container.waitForExit()
        #expect(contents(of: scratch.read("log")) == ["log"])
    }

    @Test("A command that takes too long is killed with all that it started")
    func commandTimeout() async throws {
        let pipe = try NamedPipe(scratch.file("pipe"))
        let script =
            "setsid sh -c 'trap \"\" TERM; echo $$ > $SCRATCH/pipe; while :; do sleep 1; done' & wait"
        // On a busy machine it may be killed before it has started anything. Then another gets more time.
        var seconds = 1
        var outcome = ProbeOutcome.success
        repeat {
            try #require(seconds < 60)
            outcome = await executor.run(Probe(.exec(["sh", "-c", script]), timeout: .seconds(seconds)))
            seconds *= 3
        } while !pipe.hasText
        #expect(outcome == .failure("command \"sh -c \(script)\" timed out after \(seconds / 3)s"))
        let process = try #require(await pipe.lines(1).first.flatMap { Int32($0) })
        #expect(kill(process, 0) == -1)
    }
}
