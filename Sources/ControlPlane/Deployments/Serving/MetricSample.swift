/// A number that a program tells of itself.
public struct MetricSample: Sendable, Hashable {
    /// A label.
    public struct Label: Sendable, Hashable {
        /// The label's name.
        public var name: String
        /// Its value.
        public var value: String

        /// A label.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The metric's name.
    public var name: String
    /// The labels, in the order in which they were told.
    public var labels: [Label]
    /// The value, which may be infinite or no number.
    public var value: Double

    /// A sample.
    public init(_ name: String, _ labels: [Label], _ value: Double) {
        self.name = name
        self.labels = labels
        self.value = value
    }
}
