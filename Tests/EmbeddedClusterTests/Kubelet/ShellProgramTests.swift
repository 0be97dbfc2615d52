import Testing

@testable import EmbeddedCluster

struct ShellProgramTests {
    private func program(_ words: [String]) -> SimulatedProgram? {
        ShellProgram.program(words, environment: ["NAME": "value"], host: "pod")
    }

    private func output(_ words: [String], for time: Duration = .seconds(3600)) -> [String]? {
        program(words)?.lines(until: time, limit: 100).lines.map(\.text)
    }

    @Test("a script prints, waits and exits as a shell would make it")
    func runs() throws {
        let program = try #require(
            self.program(["sh", "-c", "echo \"a  $NAME\"; sleep 2 && echo 'b $NAME'; exit 7"])
        )
        #expect(program.end?.after == .seconds(2))
        #expect(program.end?.exitCode == 7)
        let lines = program.lines(until: .seconds(10), limit: 10).lines
        #expect(lines.map(\.text) == ["a  value", "b $NAME"])
        #expect(lines.map(\.at) == [.zero, .seconds(2)])
    }

    @Test("`&&` and `||` follow the exit code")
    func links() {
        #expect(output(["sh", "-c", "false && echo no || echo yes"]) == ["yes"])
        #expect(output(["sh", "-c", "true && echo yes || echo no"]) == ["yes"])
    }

    @Test("a loop without end prints for as long as one looks")
    func loops() throws {
        let words = ["/bin/sh", "-c", "echo start; while true; do echo tick; sleep 1; done"]
        #expect(try #require(program(words)).end == nil)
        #expect(output(words, for: .milliseconds(2500)) == ["start", "tick", "tick", "tick"])
        let far = try #require(program(words)).lines(until: .seconds(1_000_000), limit: 5)
        #expect(far.lines.count == 5)
        #expect(far.lines.last?.at == .seconds(1_000_000))
        #expect(far.next == .seconds(1_000_001))
    }

    @Test("simple commands need no shell")
    func runsCommands() {
        #expect(program(["sleep", "5"])?.end?.after == .seconds(5))
        #expect(program(["false"])?.end?.exitCode == 1)
        #expect(output(["echo", "hello", "$NAME"]) == ["hello $NAME"])
    }

    @Test(
        "what is not simple is not guessed",
        arguments: [
            "curl example.com", "echo a | wc", "echo a > file", "sleep 1 &", "echo $(hostname -i)", "echo 'a",
            "while true; do curl x; done", "echo \"$(hostname)\"", "echo ${A:-b}", "echo $?", "echo `id`",
        ]
    )
    func refuses(script: String) {
        #expect(program(["sh", "-c", script]) == nil)
    }
}
