//! `board`: changes that are announced, and the ledger that remembers what became of them.

use super::{Services, ShellError, Start, command::Command};
use alloc::collections::VecDeque;
use alloc::string::{String, ToString};
use core::ops::ControlFlow;
use velocity_board::{Event, Intent, Item};
use velocity_hotpatch::Kind;

const USAGE: &str = "board [log [N]|verify|announce ITEM REVISION WHY|agree N|commit N|withdraw N]";

/// Who a person at this machine is on the board.
const PERSON: &str = "person";

/// Records that `board log` shows if nothing is said.
const RECORDS: usize = 20;

/// This group's commands.
pub(super) const COMMANDS: &[Command] = &[Command {
    name: "board",
    usage: USAGE,
    summary: "show changes that are announced, and what became of earlier ones",
    details: "`log` shows the last N records of the ledger (20), `verify` reads all of it and checks the chain.\n\
              ITEM is `entry:NAME`, `definition:HASH` or `file:PATH`. The first that commits a change of a revision wins.",
    takes_paths: false,
    start,
}];

fn start(services: &mut Services<'_>, arguments: &[String]) -> Result<Start, ShellError> {
    let words: alloc::vec::Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |word: &str| word.parse::<u64>().map_err(|_| ShellError::Usage { usage: USAGE });
    let board = &mut services.patches.board;
    match words.as_slice() {
        [] => show(services),
        ["log"] => log(services, RECORDS)?,
        ["log", count] => log(services, number(count)?.try_into().unwrap_or(usize::MAX))?,
        ["verify"] => verify(services)?,
        ["announce", item, revision, why @ ..] if !why.is_empty() => {
            let item = Item::parse(item).ok_or(ShellError::Usage { usage: USAGE })?;
            let announced = board.announce(PERSON, &why.join(" "), &[(item, number(revision)?)])?;
            services.out.line(format_args!("announcement {announced}"));
        }
        ["agree", of] => board.agree(number(of)?, PERSON)?,
        ["commit", of] => board.commit(number(of)?, "by hand")?,
        ["withdraw", of] => board.withdraw(number(of)?, "by hand")?,
        _ => return Err(ShellError::Usage { usage: USAGE }),
    }
    Ok(Start::Done)
}

fn show(services: &mut Services<'_>) {
    let (out, patches) = (&mut *services.out, &mut *services.patches);
    for (number, Intent { who, why, items, agreed }) in patches.board.open() {
        let items: alloc::vec::Vec<String> =
            items.iter().map(|(item, from)| alloc::format!("{item} from {from}")).collect();
        let agreed = if agreed.is_empty() { String::new() } else { alloc::format!(", agreed: {}", agreed.join(", ")) };
        out.line(format_args!("{number:>4}  {who}: {}: {why}{agreed}", items.join(", ")));
    }
    for (item, revision, by) in patches.board.known() {
        out.line(format_args!("      {item} is at revision {revision}, by {by}"));
    }
    if let Some(why) = &patches.forgets {
        return out.line(format_args!("nothing is remembered: {why}"));
    }
    if let Some(ledger) = patches.board.ledger() {
        out.line(format_args!("{} records in the ledger, {} KiB free", ledger.len(), ledger.free_bytes() >> 10));
    }
}

fn log(services: &mut Services<'_>, count: usize) -> Result<(), ShellError> {
    let count = count.min(1 << 16);
    let Some(ledger) = services.patches.board.ledger() else { return Err(nothing(services)) };
    let mut last: VecDeque<String> = VecDeque::new();
    ledger.replay(&mut |record| {
        if last.len() == count {
            last.pop_front();
        }
        let text = text(record.kind, record.body);
        let prefix: String = record.hash.to_string().chars().take(16).collect();
        last.push_back(alloc::format!("{:>6}  {prefix}  {text}", record.sequence));
        ControlFlow::Continue(())
    })?;
    last.iter().for_each(|line| services.out.line(format_args!("{line}")));
    Ok(())
}

/// A record for people.
pub(super) fn text(kind: u16, body: &[u8]) -> String {
    if let Ok(event) = Event::decode(kind, body) {
        return event.to_string();
    }
    let counter = body.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let rest = |from: usize| String::from_utf8_lossy(body.get(from..).unwrap_or_default()).into_owned();
    match Kind::of(kind) {
        Some(Kind::Accepted) => alloc::format!("package of {} bytes accepted", body.len()),
        Some(Kind::Kept) => alloc::format!("release {counter} kept: {}", rest(8)),
        Some(Kind::TakenBack) => alloc::format!("release {counter} taken back: {}", rest(8)),
        Some(Kind::WentBack) => {
            let version = body.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
            alloc::format!("{} went back to version {version}", rest(4))
        }
        None => alloc::format!("{} bytes of kind {kind}", body.len()),
    }
}

fn verify(services: &mut Services<'_>) -> Result<(), ShellError> {
    let Some(ledger) = services.patches.board.ledger() else { return Err(nothing(services)) };
    let verified = ledger.verify()?;
    let (records, bytes, head) = (verified.records, verified.bytes, verified.head);
    services
        .out
        .line(format_args!("{records} records in {bytes} bytes, each follows on the one before it; head {head}"));
    Ok(())
}

fn nothing(services: &Services<'_>) -> ShellError {
    ShellError::NoLedger { why: services.patches.forgets.clone().unwrap_or_default() }
}
