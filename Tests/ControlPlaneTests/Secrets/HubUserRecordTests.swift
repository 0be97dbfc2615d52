import HuggingFace
import Testing

@testable import ControlPlane

/// Whose the token is, however its saves end.
struct HubUserRecordTests {
    private static func user(_ name: String) -> HubUser {
        HubUser(id: name, name: name, fullName: name, email: nil, avatarURL: nil, organizations: [])
    }

    @Test("The user of the token that is saved is remembered, however many have not been saved since")
    func savedIsKept() async {
        let record = HubUserRecord()
        let saved = record.mark(of: Array("saved".utf8))
        await record.remember(Self.user("ada"), saved, beside: [])
        for name in ["bob", "cyd", "dan"] {
            await record.remember(Self.user(name), record.mark(of: Array(name.utf8)), beside: [saved])
            #expect(record.user(of: saved)?.name == "ada")
            #expect(record.user(of: record.mark(of: Array(name.utf8)))?.name == name)
        }
        #expect(record.user(of: record.mark(of: Array("bob".utf8))) == nil)
    }

    @Test("Where it is not known which token is saved, the one before the last is remembered")
    func oneBeforeIsKept() async {
        let record = HubUserRecord()
        for name in ["ada", "bob", "cyd"] {
            await record.remember(Self.user(name), record.mark(of: Array(name.utf8)), beside: [])
        }
        #expect(record.user(of: record.mark(of: Array("ada".utf8))) == nil)
        #expect(record.user(of: record.mark(of: Array("bob".utf8)))?.name == "bob")
        #expect(record.user(of: record.mark(of: Array("cyd".utf8)))?.name == "cyd")
        await record.forget()
        #expect(record.user(of: record.mark(of: Array("cyd".utf8))) == nil)
    }
}
