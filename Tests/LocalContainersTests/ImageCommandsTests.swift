internal import LocalContainers
internal import Testing

@Suite
struct ImageCommandsTests {
    private let base = ["PATH": "/usr/bin:/bin", "HOME": "/root"]

    private func commands(_ entries: [String: ImageCommand]) -> ImageCommands {
        entries.reduce(into: ImageCommands()) { $0[$1.key] = $1.value }
    }

    private func resolved(
        _ commands: ImageCommands,
        _ change: (inout ContainerCommand) -> Void = { _ in }
    ) throws -> [String] {
        var container = ContainerCommand(image: "tool", podAddress: "127.64.0.9")
        change(&container)
        return try commands.resolve(container, base: base).arguments
    }

    @Test(
        "An image is found by its name in full, by its tag or digest where they are given, and by wildcards in these",
        arguments: [
            ("nginx", "docker.io/library/nginx:latest", true),
            ("docker.io/nginx/unit", "nginx/unit", true),
            ("nginx:1", "nginx", false),
            ("nginx:*", "nginx", true),
            ("nginx:*", "nginx:1.2", true),
            ("nginx:1.*-slim", "nginx:1.29-slim", true),
            ("nginx:1.*-slim", "nginx:1.29-slimmer", false),
            ("nginx:a*b*c", "nginx:abbbxc", true),
            ("nginx:*", "other/nginx:1", false),
            ("localhost/x:1", "localhost/x:1", true),
            ("registry:5000/x", "registry:5000/x:latest", true),
            ("registry:5000/x", "registry:5001/x:latest", false),
            ("ghcr.io/ggml-org/llama.cpp:server*", "ghcr.io/ggml-org/llama.cpp:server-cuda", true),
            ("ghcr.io/ggml-org/llama.cpp:server*", "ghcr.io/ggml-org/llama.cpp:full", false),
            ("ghcr.io/ggml-org/llama.cpp:server", "ghcr.io/ggml-org/llama.cpp:server@sha256:12", true),
            ("nginx@sha256:12*", "nginx@sha256:1234", true),
            ("nginx@sha256:12*", "nginx:1@sha256:3412", false),
            ("nginx@sha256:12*", "nginx", false),
        ]
    )
    func matching(pattern: String, image: String, matches: Bool) {
        var commands = ImageCommands()
        commands[pattern] = ImageCommand(entrypoint: ["sh"])
        #expect((commands.command(for: image) != nil) == matches)
    }

    @Test("Of several patterns the most exact one counts")
    func mostExact() {
        let commands = commands([
            "x:*": ImageCommand(entrypoint: ["any"]), "x:server*": ImageCommand(entrypoint: ["server"]),
            "x:server-cuda": ImageCommand(entrypoint: ["cuda"]), "x:*a": ImageCommand(entrypoint: ["a"]),
        ])
        #expect(commands.command(for: "x:server-cuda")?.entrypoint == ["cuda"])
        #expect(commands.command(for: "x:server-rocm")?.entrypoint == ["server"])
        #expect(commands.command(for: "x")?.entrypoint == ["any"])
    }

    @Test("command replaces the entrypoint and drops the arguments; args replace the arguments")
    func merging() throws {
        let commands = commands([
            "tool": ImageCommand(entrypoint: ["sh", "-e"], arguments: ["-c", "true"])
        ])
        #expect(try resolved(commands) == ["/usr/bin/sh", "-e", "-c", "true"])
        #expect(try resolved(commands) { $0.arguments = ["file"] } == ["/usr/bin/sh", "-e", "file"])
        #expect(try resolved(commands) { $0.command = ["cat"] } == ["/usr/bin/cat"])
        #expect(
            try resolved(commands) {
                $0.command = ["cat", "a"]
                $0.arguments = ["b"]
            } == ["/usr/bin/cat", "a", "b"]
        )
        #expect(try resolved(commands) { $0.command = ["/bin/cat"] } == ["/bin/cat"])
    }

    @Test("A command with the file name of the image's own is that one, wherever the image keeps it")
    func ownExecutable() throws {
        let commands = commands([
            "tool": ImageCommand(entrypoint: ["/usr/bin/env"], appended: ["last"])
        ])
        #expect(
            try resolved(commands) { $0.command = ["/app/env", "-i"] } == ["/usr/bin/env", "-i", "last"]
        )
        #expect(try resolved(commands) { $0.command = ["sh"] } == ["/usr/bin/sh"])
    }

    @Test("The pod's address and port are filled in where the image's command names them, and nowhere else")
    func placeholders() throws {
        let commands = commands([
            "tool": ImageCommand(
                entrypoint: ["sh", "{podIP}"],
                arguments: ["{port}"],
                appended: ["--host={podIP}:{port}", "{other}{"],
                environment: ["ADDRESS": "{podIP}"],
                port: 8080
            )
        ])
        #expect(
            try resolved(commands) == [
                "/usr/bin/sh", "127.64.0.9", "8080", "--host=127.64.0.9:8080", "{other}{",
            ]
        )
        #expect(
            try resolved(commands) {
                $0.arguments = ["{port}", "$(ADDRESS)"]
                $0.port = 1
            } == ["/usr/bin/sh", "127.64.0.9", "{port}", "127.64.0.9", "--host=127.64.0.9:1", "{other}{"]
        )
    }

    @Test("llama.cpp's server is known, and binds to the pod's address whatever the pod says")
    func llama() throws {
        var commands = ImageCommands.standard
        let known = try #require(commands.command(for: "ghcr.io/ggml-org/llama.cpp:server-cuda"))
        #expect(known.entrypoint == ["llama-server"] && known.port == 8080)
        // With an executable that is on every machine.
        commands["ghcr.io/ggml-org/llama.cpp:server"] = ImageCommand(
            entrypoint: ["env"],
            appended: known.appended
        )
        let command = try resolved(commands) {
            $0.image = "ghcr.io/ggml-org/llama.cpp:server"
            $0.arguments = ["-m", "/models/a.gguf", "--host", "0.0.0.0"]
        }
        #expect(command.dropFirst() == ["-m", "/models/a.gguf", "--host", "0.0.0.0", "--host", "127.64.0.9"])
    }

    @Test("The environment is the machine's, the image's and the pod's, with references to what is before")
    func environment() throws {
        let commands = commands([
            "tool": ImageCommand(entrypoint: ["sh"], environment: ["A": "image", "HOME": "/data"])
        ])
        let container = ContainerCommand(
            image: "tool",
            arguments: ["$(B)", "$(LATER)$$(B)", "$(NONE)"],
            environment: [("B", "$(A)-$(HOME)-$(LATER)"), ("LATER", "x"), ("A", "pod")],
            podAddress: "127.64.0.9"
        )
        let resolved = try commands.resolve(container, base: base)
        #expect(
            resolved.environment
                == [
                    "PATH": "/usr/bin:/bin", "HOME": "/data", "A": "pod", "B": "image-/data-$(LATER)",
                    "LATER": "x",
                ]
        )
        #expect(resolved.arguments == ["/usr/bin/sh", "image-/data-$(LATER)", "x$(B)", "$(NONE)"])
    }

    @Test(
        "References are expanded as Kubernetes expands them",
        arguments: [
            ("$(A)", "1"), ("x$(A)y$(B)z", "x1y2z"), ("$$(A)", "$(A)"), ("$$$(A)", "$1"), ("$A", "$A"),
            ("$(A", "$(A"), ("$", "$"),
            ("$$", "$"), ("$(C)", "$(C)"), ("$()", "$()"), ("$($(A))", "$($(A))"),
        ]
    )
    func references(text: String, expected: String) {
        #expect(VariableReferences.expand(text, ["A": "1", "B": "2"]) == expected)
    }

    @Test("What cannot run says why")
    func failures() throws {
        let commands = commands([
            "tool": ImageCommand(entrypoint: ["no-such-tool"]),
            "port": ImageCommand(entrypoint: ["sh", "{port}"]),
        ])
        #expect(throws: ImageCommandError.unknownImage("other:1")) {
            try resolved(commands) { $0.image = "other:1" }
        }
        #expect(throws: ImageCommandError.executableNotFound(image: "tool", executable: "no-such-tool")) {
            try resolved(commands)
        }
        #expect(throws: ImageCommandError.commandNotFound("no-such-command")) {
            try resolved(commands) {
                $0.image = "port"
                $0.port = 1
                $0.command = ["no-such-command"]
            }
        }
        #expect(throws: ImageCommandError.portMissing(image: "port")) {
            try resolved(commands) { $0.image = "port" }
        }
    }
}
