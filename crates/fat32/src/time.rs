//! Dates and times of directory entries (fatgen103, "Date and Time Formats").
//!
//! FAT stores local time without a zone, so these are numbers on a calendar and not moments.

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// 1980 to 2107.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

/// A day and the time on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DateTime {
    /// The day.
    pub date: Date,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59; even unless the entry has the finer field.
    pub second: u8,
    /// 0 to 990; 0 unless the entry has the finer field.
    pub millisecond: u16,
}

impl Date {
    /// Bits 0–4 day, 5–8 month, 9–15 years from 1980. `None` for a field out of range, such as the 0 that means "not
    /// recorded". A month's length is not checked.
    pub(crate) fn decode(word: u16) -> Option<Self> {
        let date = Self { year: 1980 + (word >> 9), month: (word >> 5 & 0x0F) as u8, day: (word & 0x1F) as u8 };
        (matches!(date.month, 1..=12) && date.day != 0).then_some(date)
    }
}

impl DateTime {
    /// Bits 0–4 seconds / 2, 5–10 minutes, 11–15 hours; `hundredths` (0 to 199) adds to the seconds.
    pub(crate) fn decode(date: u16, time: u16, hundredths: u8) -> Option<Self> {
        let (hour, minute, pair) = (time >> 11, time >> 5 & 0x3F, time & 0x1F);
        let in_range = hour < 24 && minute < 60 && pair < 30 && hundredths < 200;
        let finer = u16::from(hundredths);
        Date::decode(date).filter(|_| in_range).map(|date| Self {
            date,
            hour: hour as u8,
            minute: minute as u8,
            second: (pair * 2 + finer / 100) as u8,
            millisecond: finer % 100 * 10,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_every_field() {
        let date = (2024 - 1980) << 9 | 2 << 5 | 29;
        let time = 23 << 11 | 59 << 5 | 29;
        let decoded = DateTime::decode(date, time, 199).unwrap();
        assert_eq!(decoded.date, Date { year: 2024, month: 2, day: 29 });
        assert_eq!((decoded.hour, decoded.minute, decoded.second, decoded.millisecond), (23, 59, 59, 990));
        assert_eq!(Date::decode(!0x01E0 | 12 << 5).map(|date| date.year), Some(2107));
    }

    #[test]
    fn what_is_out_of_range_is_not_a_time() {
        let (date, month) = (1 << 5 | 1, 13 << 5 | 1);
        for (date, time, hundredths) in [
            (0, 0, 0),
            (month, 0, 0),
            (1 << 5, 0, 0),
            (date, 24 << 11, 0),
            (date, 60 << 5, 0),
            (date, 30, 0),
            (date, 0, 200),
        ] {
            assert_eq!(DateTime::decode(date, time, hundredths), None, "{date:#x} {time:#x} {hundredths}");
        }
        assert!(DateTime::decode(date, 0, 0).is_some());
    }
}
