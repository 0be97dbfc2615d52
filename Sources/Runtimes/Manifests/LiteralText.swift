/// Texts of people in places where Kubernetes puts variables: a container's `command`, `args` and the values of its `env`.
enum LiteralText {
    /// The text in a form that comes out as it is: there `$(NAME)` stands for a variable, and `$$` for `$` (Kubernetes:
    /// third_party/forked/golang/expansion). What somebody writes as a model's name or an option's value must not bring a secret
    /// from the environment into a command line.
    static func escaped(_ text: String) -> String {
        text.utf8.contains(0x24) ? text.replacing("$", with: "$$") : text
    }
}
