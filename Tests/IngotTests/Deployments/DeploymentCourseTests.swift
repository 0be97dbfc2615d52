import Testing

/// What every engine on every runtime in every mode goes through, by Ingot's own API.
@Suite(.wholeMatrix, .timeLimit(.minutes(10)))
struct DeploymentCourseTests {
    @Test(
        "a deployment runs, is scaled, breaks and heals, and leaves nothing behind",
        arguments: DeploymentCase.all
    )
    func goesItsCourse(_ one: DeploymentCase) async throws {
        let course = try DeploymentCourse(one, #require(RunningIngot.current))
        let before = course.objects
        try await course.create()
        try await course.scale()
        for failure in InjectedFailure.all where failure.concerns(one) {
            try await course.endure(failure)
        }
        try await course.delete(leaving: before)
    }
}
