/// A date of the proleptic Gregorian calendar.
struct CivilDate: Equatable {
    /// The year; 0 is the year before the year 1.
    var year: Int64
    /// The month, 1 to 12.
    var month: Int64
    /// The day of the month, from 1.
    var day: Int64

    init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The date that many days after 1970-01-01.
    ///
    /// After Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (civil_from_days): years begin in March,
    /// so that the leap day comes last, and are counted within eras of 400 years, each of 146,097 days.
    init(daysSinceEpoch: Int64) {
        let shifted = daysSinceEpoch + Self.daysFromMarchOfYear0ToEpoch
        let era = shifted.floorDivided(by: Self.daysPerEra)
        let dayOfEra = shifted - era * Self.daysPerEra
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// The days from 1970-01-01 to this date (days_from_civil in the same paper).
    var daysSinceEpoch: Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let era = marchYear.floorDivided(by: 400)
        let yearOfEra = marchYear - era * 400
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * Self.daysPerEra + dayOfEra - Self.daysFromMarchOfYear0ToEpoch
    }

    /// How many days the month of this date has.
    var daysInMonth: Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static let daysPerEra: Int64 = 146_097
    private static let daysFromMarchOfYear0ToEpoch: Int64 = 719_468
}

extension Int64 {
    /// The quotient rounded towards negative infinity; `divisor` is positive.
    func floorDivided(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
