import ControlPlane
import JSON
import Testing

@Suite struct AutoscalerReportTests {
    @Test(
        "times are read in all forms in which reports have them",
        arguments: [
            "2020-11-25 08:19:44.090873082 +0000 UTC", "2020-11-25 08:19:44.090873082 +0000 UTC m=+12.5",
            "2020-11-25 10:19:44.090873082 +0200 CEST", "2020-11-25T08:19:44.090873082Z",
        ]
    )
    func times(text: String) throws {
        let wanted = try #require(Timestamp(rfc3339: "2020-11-25T08:19:44.090873082Z"))
        #expect(AutoscalerReport("time: \"\(text)\"\nautoscalerStatus: Running\n")?.time == wanted)
        #expect(AutoscalerReport("Cluster-autoscaler status at \(text):\n")?.time == wanted)
    }

    @Test func `a report of groups alone has them`() throws {
        // Written by versions of the cluster autoscaler that found no cluster-wide state yet.
        let report = try #require(
            AutoscalerReport(
                """
                Cluster-autoscaler status at 2021-01-08 04:04:55.644106199 +0000 UTC:
                NodeGroups:
                  Name:        eks-a
                  Health:      Healthy (ready=2 unready=0 registered=2 cloudProviderTarget=2 (minSize=1, maxSize=3))
                """
            )
        )
        #expect(report.health == "unknown")
        #expect(
            report.groups == [
                ScaledNodeGroup(name: "eks-a", minimum: 1, maximum: 3, current: 2, isHealthy: true)
            ]
        )
    }

    @Test("what is neither form is no report", arguments: ["", "text", "[1, 2", "- a", "1"])
    func neither(text: String) {
        #expect(AutoscalerReport(text) == nil)
    }

    @Test func `what is missing is not known`() throws {
        let report = try #require(AutoscalerReport("nodeGroups:\n- name: a\n- health: {}\n"))
        #expect(report.time == nil)
        #expect(report.groups == [ScaledNodeGroup(name: "a")])
    }
}
