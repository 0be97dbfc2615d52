import JSON
import Redaction
import Testing

@Suite("Secrets in the text of others")
struct RedactionTests {
    @Test(
        "What is written as secrets are is hidden, and what stands around it is not",
        arguments: [
            ("Get \"https://ada:s3cret@host:6443/api\": EOF", "Get \"https://(hidden)@host:6443/api\": EOF"),
            ("proxy http://ada@host refused", "proxy http://(hidden)@host refused"),
            ("curl https://host/?token=abc&x=1", "curl https://host/?token=(hidden)&x=1"),
            (
                "https://host/o?X-Amz-Signature=0a1b2c&X-Amz-Date=2",
                "https://host/o?X-Amz-Signature=(hidden)&X-Amz-Date=2"
            ),
            ("Authorization: Bearer abcdef123456", "Authorization: Bearer (hidden)"),
            ("authorization: basic YWRhOnNlY3JldA==", "authorization: basic (hidden)"),
            ("the token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln is bad", "the token (hidden) is bad"),
            ("no such token: hf_abcdefghijkl", "no such token: (hidden)"),
            ("got k8s-aws-v1.aHR0cHM6Ly9zdHMuYW1hem9uYXdzLmNvbS8=.", "got (hidden)."),
            ("--set image.password=word --wait", "--set image.password=(hidden) --wait"),
            ("helm registry login --password word host", "helm registry login --password (hidden) host"),
            ("{\"password\": \"a b\", \"user\": \"ada\"}", "{\"password\": \"(hidden)\", \"user\": \"ada\"}"),
            ("{\\\"token\\\":\\\"abc\\\"}", "{\\\"token\\\":\\\"(hidden)\\\"}"),
            ("client-key-data: LS0tLS1CRUdJTg==", "client-key-data: (hidden)"),
            ("AWS_SECRET_ACCESS_KEY=abc/def+1 is set", "AWS_SECRET_ACCESS_KEY=(hidden) is set"),
            ("password: hunter2hunter2", "password: (hidden)"),
            (
                "key:\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----\nend",
                "key:\n(hidden)\nend"
            ),
            ("-----BEGIN PRIVATE KEY-----\nMIIE", "(hidden)"),
            (
                "\"-----END CERTIFICATE-----\\n-----BEGIN PRIVATE KEY-----\\nMIIE\\n-----END PRIVATE KEY-----\\n\"",
                "\"-----END CERTIFICATE-----\\n(hidden)\\n\""
            ),
        ]
    )
    func hides(text: String, shown: String) {
        #expect(Redaction().shown(text) == shown)
    }

    @Test(
        "What only speaks of secrets stays as it is",
        arguments: [
            "Unauthorized: the token: signature has expired", "Invalid username or password.",
            "secrets \"hf-token-secret\" is forbidden: User \"ada\" cannot get resource \"secrets\"",
            "Bearer authentication is needed", "Basic auth: no", "WWW-Authenticate: Bearer realm=\"ingot\"",
            "error: token: /var/run/secrets/kubernetes.io/serviceaccount/token: no such file",
            "release \"sk-1\" failed; \"max_tokens\": 4096", "user@host: no such host",
            "mailto:ada@example.com",
            "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----", "password:", "token=", "--token",
            "http://host/a@b", "ä token ö", "",
        ]
    )
    func keeps(text: String) {
        #expect(Redaction().shown(text) == text)
    }

    @Test("A private key that comes line by line is hidden to its end")
    func hidesLines() {
        var redaction = LineRedaction()
        let lines = [
            "key: -----BEGIN PRIVATE KEY-----", "MIIE", "abc=", "-----END PRIVATE KEY-----", "token=abc",
            "-----BEGIN PRIVATE KEY-----", "MIIE", "-----END PRIVATE KEY----- and more",
            "-----BEGIN CERTIFICATE-----",
            "MIIC",
        ]
        #expect(
            lines.compactMap { redaction.shown($0) } == [
                "key: (hidden)", "token=(hidden)", "(hidden)", " and more", "-----BEGIN CERTIFICATE-----",
                "MIIC",
            ]
        )
    }

    @Test("A secret that is known is hidden raw, in base64 and percent-encoded")
    func hidesKnown() {
        let secret = "a/b c+d?"
        let redaction = Redaction(hiding: [secret, "a/b", "x"])
        #expect(redaction.shown("x a/b c+d? x") == "x (hidden) x")
        #expect(redaction.shown("data: " + Base64.text(of: secret.utf8)) == "data: (hidden)")
        #expect(redaction.shown("data: " + Base64.urlText(of: secret.utf8)) == "data: (hidden)")
        #expect(redaction.shown("q=a%2Fb%20c%2Bd%3F.") == "q=(hidden).")
        #expect(redaction.shown("q=a%2fb%20c%2bd%3f.") == "q=(hidden).")
    }

    @Test("Names of secrets are known whatever joins their words")
    func names() {
        for name in [
            "token", "accessToken", "access_token", "client-secret", "HF_TOKEN", "X-Amz-Signature", "api.key",
        ] {
            #expect(Redaction.isSecretName(name.utf8), "\(name)")
        }
        for name in ["tokens", "max_tokens", "secretName", "namespace", "", "key"] {
            #expect(!Redaction.isSecretName(name.utf8), "\(name)")
        }
    }
}
