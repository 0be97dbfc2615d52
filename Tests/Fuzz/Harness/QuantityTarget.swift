import KubernetesModel

/// The quantities: both forms that are written mean the same amount.
enum QuantityTarget {
    static func examine(_ input: [UInt8]) throws(FuzzFinding) {
        guard let quantity = Quantity(String(decoding: input, as: UTF8.self)) else { return }
        for text in [quantity.decimalText, quantity.binaryText] {
            try FuzzFinding.requireEqual(Quantity(text), quantity, "\(text), which is \(input.printable)")
        }
        _ = (quantity.units, quantity.milli)
        // Sums stop at the largest amount.
        guard abs(quantity.units) < 1 << 60 else { return }
        let many = quantity + quantity + quantity
        try FuzzFinding.requireEqual(many - quantity - quantity, quantity, "sums of \(input.printable)")
        try FuzzFinding.require(
            (quantity < many) == (quantity > .zero),
            "the order of \(input.printable) and three times that"
        )
    }
}
