/// The text of `Docs/configuration.md`: every key in a table, and how values are found.
public enum ConfigurationReference {
    /// The reference in Markdown, ending in a newline.
    public static var markdown: String {
        [introduction, table, "", clusterStructures].joined(separator: "\n") + "\n"
    }

    private static let introduction = """
        # Configuration of `ingot serve`

        This file is made by `ingot config reference`; a test fails when it is not up to date.

        A value comes from the first of these that has one:

        1. a flag on the command line, where the key has one;
        2. an environment variable (for some keys a customary one of other programs counts after ours: `PORT` after
           `INGOT_PORT`);
        3. the configuration file: JSON, named by `--config` or else by the environment variable `INGOT_CONFIG`;
        4. the default.

        In the file a key with dots is a key of nested objects: `log.level` is `{"log": {"level": "debug"}}`.
        `config.example.json` has every key with its default.

        Every source is checked in full before the server starts. A key or `INGOT_` variable that does not exist and a
        value that is out of range or of the wrong type are refused, all of them at once, with one line each.
        `ingot config check` takes the flags of `ingot serve` and prints what would count, and where it comes from.
        Variables by which Kubernetes and Docker say where a service named `ingot` is, such as `INGOT_SERVICE_HOST` and
        `INGOT_PORT=tcp://10.0.0.1:3001`, are passed over.

        - A **duration** is a text such as `"500ms"`, `"10s"`, `"2m"` or `"1h"`, or a number of seconds.
        - A **size** is a text such as `"64KiB"`, `"4MiB"` or `"1GiB"`, or a number of bytes.
        - A **list** is an array in the file; in the environment its elements are separated by commas.
        - A **list of nodes**, an **object of commands** and an **object of lists** are JSON in the environment too.
        - A **live** key takes effect without a restart: change the file and send the process SIGHUP.

        """

    private static var table: String {
        let header =
            "| Key | Type | Default | Environment, flag | Live | Meaning |\n|---|---|---|---|---|---|"
        return ([header] + ConfigurationKey.all.map(row)).joined(separator: "\n")
    }

    private static func row(_ key: ConfigurationKey) -> String {
        let names = [key.environmentVariable, key.flag].compactMap { $0.map { "`\($0)`" } }
        let value =
            switch key.kind {
            case _ where key.isSecret: "(secret)"
            case .nodes: "see below"
            default: "`\(key.defaultValue)`"
            }
        let cells = [
            "`\(key.path)`", type(key.kind), value, names.joined(separator: ", "), key.isLive ? "yes" : "no",
            key.summary + ".",
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    private static func type(_ kind: ConfigurationKind) -> String {
        switch kind {
        case .address: "IP address or `localhost`"
        case .path: "path"
        case .text: "text"
        case .baseURL: "URL"
        case .namespace: "namespace"
        case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        case .boolean: "`true` or `false`"
        case .integer: "whole number, " + kind.rangeText
        case .size: "size, " + kind.rangeText
        case .duration: "duration, " + kind.rangeText
        case .hostNames: "list of host names"
        case .origins: "list of origins"
        case .texts: "list of texts"
        case .roles: "object of lists"
        case .nodes: "list of nodes"
        case .images: "object of commands"
        }
    }
}
