internal import Glibc
internal import JSON
internal import Testing

@testable internal import LocalContainers

@Suite(.timeLimit(.minutes(10)))
struct MachineTests {
    @Test("The facts of this machine are those that its own programs tell")
    func facts() async throws {
        let scratch = try Scratch()
        let container = try await shell(
            "uname -r; uname -n; uname -m; cat /proc/sys/kernel/random/boot_id; . /etc/os-release; echo $PRETTY_NAME",
            in: scratch
        )
        _ = await container.waitForExit()
        let told = contents(of: scratch.read("log"))
        let facts = MachineFacts()
        #expect([facts.kernelVersion, facts.hostname] == told[0..<2])
        #expect(facts.architecture == ["x86_64": "amd64", "aarch64": "arm64"][told[2], default: told[2]])
        #expect([facts.bootID, facts.osImage] == told[3..<5])
        #expect(facts.operatingSystem == "linux")
    }

    @Test("Facts are found in the files that systems have, and empty without any")
    func files() throws {
        let scratch = try Scratch()
        #expect(MachineFacts(root: scratch.path).machineID == "")
        #expect(MachineFacts(root: scratch.path).osImage == "Linux")
        mkdir(scratch.file("etc"), 0o700)
        try scratch.write("0123456789abcdef\n", to: "etc/machine-id")
        try scratch.write("NAME=x\nPRETTY_NAME='Some Linux 1'\n", to: "etc/os-release")
        let facts = MachineFacts(root: scratch.path)
        #expect(facts.machineID == "0123456789abcdef" && facts.systemUUID == "0123456789abcdef")
        #expect(facts.osImage == "Some Linux 1")
    }

    @Test("The resources are those of the machine, and without nvidia-smi there are no GPUs and no problem")
    func resources() async throws {
        let scratch = try Scratch()
        let container = try await shell("nproc; grep MemTotal /proc/meminfo", in: scratch)
        _ = await container.waitForExit()
        let told = contents(of: scratch.read("log"))
        let resources = await MachineResources.read(
            path: scratch.path,
            scratchFolder: scratch.path,
            shim: fixture
        )
        #expect(told.first == "\(resources.processors)")
        #expect(told.last?.contains(" \(resources.memoryTotal / 1024) kB") == true)
        #expect(resources.memoryAvailable > 0 && resources.memoryAvailable <= resources.memoryTotal)
        #expect(resources.gpus.isEmpty && resources.gpuProblem == nil)
    }

    @Test("GPUs are those that nvidia-smi lists")
    func nvidia() async throws {
        let scratch = try Scratch()
        try await scratch.write(
            program: """
                #!/bin/sh
                [ "$1" = --query-gpu=name,memory.total,uuid,driver_version ] || exit 2
                [ "$2" = --format=csv,noheader,nounits ] || exit 2
                echo "NVIDIA L4, 23034, GPU-9c3d4b1e-0d11-4b1a-9d3c-7d0f1c2b3a49, 550.54.15"
                """,
            to: "nvidia-smi"
        )
        let resources = await MachineResources.read(
            path: scratch.path,
            scratchFolder: scratch.path,
            shim: fixture
        )
        #expect(resources.gpuProblem == nil)
        #expect(resources.gpus.map(\.name) == ["NVIDIA L4"])
        #expect(resources.gpus.map(\.memoryMiB) == [23034])
    }

    @Test("A driver that fails is a problem in nvidia-smi's words")
    func driverFailure() async throws {
        let scratch = try Scratch()
        let message =
            "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. "
            + "Make sure that the latest NVIDIA driver is installed and running."
        try await scratch.write(
            program: "#!/bin/sh\necho \"\(message)\"\necho\nexit 9\n",
            to: "nvidia-smi"
        )
        let resources = await MachineResources.read(
            path: scratch.path,
            scratchFolder: scratch.path,
            shim: fixture
        )
        #expect(resources.gpus.isEmpty && resources.gpuProblem == message)
    }

    @Test("Lines of nvidia-smi are read, also of GPUs without memory of their own, and other lines are not")
    func lines() {
        let gpus = NVIDIAGPU.list(
            """
            NVIDIA A100-SXM4-80GB, 81920, GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77, 535.161.08
            NVIDIA A100-SXM4-80GB, 81920, GPU-c6dc1f6e-64d5-2b62-9d0b-7f5c3a0e4f10, 535.161.08\r
            NVIDIA GB10, [N/A], GPU-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0, 580.95.05
            WARNING: infoROM is corrupted at gpu 0000:3B:00.0
            No devices were found

            """
        )
        #expect(gpus.map(\.name) == ["NVIDIA A100-SXM4-80GB", "NVIDIA A100-SXM4-80GB", "NVIDIA GB10"])
        #expect(gpus.map(\.memoryMiB) == [81920, 81920, nil])
        #expect(gpus.map(\.driverVersion) == ["535.161.08", "535.161.08", "580.95.05"])
        #expect(Set(gpus.map(\.uuid)).count == 3)
    }

    @Test("The kernel's texts are read")
    func kernelTexts() {
        #expect(
            MachineResources.processors("Name:\tx\nCpus_allowed:\tff,fffffffe\nCpus_allowed_list:\t1-39\n")
                == 39
        )
        #expect(MachineResources.processors("") == 1)
        let memory = MachineResources.memory(
            "MemTotal:       24684092 kB\nMemFree:  1 kB\nMemAvailable:   24038044 kB\n"
        )
        #expect(memory == (24_684_092 * 1024, 24_038_044 * 1024))
        #expect(MachineResources.memory("") == (0, 0))
    }

    @Test("Each pod has an address of its own, the same in every run, until it is released")
    func podAddresses() throws {
        var addresses = PodAddresses()
        var again = PodAddresses()
        let pods = (0..<20_000).map { "pod-\($0)" }
        let given = pods.compactMap { addresses.address(for: $0) }
        #expect(Set(given).count == pods.count)
        #expect(given == pods.compactMap { again.address(for: $0) })
        #expect(given.first == addresses.address(for: "pod-0"))
        #expect(given.allSatisfy { $0.hasPrefix("127.") && inet_addr($0) != INADDR_NONE })
        #expect(given.allSatisfy { (64..<128).contains(Int($0.split(separator: ".")[1]) ?? 0) })
        addresses.release("pod-7")
        addresses.release("unknown")
        #expect(addresses.address(for: "pod-7") == given[7])
    }
}
