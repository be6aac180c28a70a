//! The virtual-machine tests: the boot matrix, a walk through the shell on each machine, power, keyboard, faults.

use super::{
    engines,
    pool::{self, Case},
    spec,
    summary::{Group, Summary},
    updates,
};
use crate::{
    Result, disk,
    image::KernelImage,
    iso::{self, Contents, limine},
    qemu::{
        exit::Ending,
        machine::{Firmware, Machine, Medium},
        session::Session,
    },
    workspace::Workspace,
};
use std::{path::Path, time::Duration};

/// Time for one machine, start to end, on a loaded two-core host.
const LIMIT: Duration = Duration::from_secs(120);

/// Most memory the system may use at the prompt, by its own account.
const MAX_MEMORY_KIB: u64 = 6 * 1024;

/// A way to break the kernel on purpose, and what must come of it.
struct Fault {
    /// Value of `fault=` on the kernel's command line.
    name: &'static str,
    ending: Ending,
    /// Parts of the report.
    report: &'static [&'static str],
}

const FAULTS: [Fault; 5] = [
    Fault {
        name: "null-jump",
        ending: Ending::Exception(14),
        report: &["page fault (vector 14)", "a jump through a null pointer"],
    },
    Fault {
        name: "stack-overflow",
        ending: Ending::StackOverflow,
        report: &["stack overflow: the guard page", "fault address"],
    },
    Fault {
        name: "write-text",
        ending: Ending::Exception(14),
        report: &["page fault (vector 14)", "write to a page that is not writable"],
    },
    Fault { name: "divide", ending: Ending::Exception(0), report: &["divide error (vector 0)"] },
    Fault {
        name: "general-protection",
        ending: Ending::Exception(13),
        report: &["general protection fault (vector 13)"],
    },
];

/// The same, of the memory that programs run in.
const CODE_FAULTS: [Fault; 4] = [
    Fault { name: "write-code", ending: Ending::Exception(14), report: &["write to a page that is not writable"] },
    Fault {
        name: "write-code-by-alias",
        ending: Ending::Exception(14),
        report: &["write to a page that is not writable"],
    },
    Fault {
        name: "run-data",
        ending: Ending::Exception(14),
        report: &["instruction fetch from a page that is not executable"],
    },
    Fault { name: "read-behind", ending: Ending::Exception(14), report: &["read of a page that is not mapped"] },
];

/// In every fault report.
const REPORT: [&str; 3] = ["rip=", "back-trace:", "exit code"];

/// Makes the images, then runs all machines, two at a time.
///
/// # Errors
/// When an image cannot be made.
pub fn run(workspace: &Workspace, kernel: &KernelImage, summary: &mut Summary) -> Result<()> {
    summary.phase("boot images");
    let cases = cases(workspace, kernel, summary)?;
    summary.phase("virtual machines");
    pool::run(cases, |name, result| summary.count(Group::Vm, name, result));
    Ok(())
}

fn cases<'a>(workspace: &'a Workspace, kernel: &KernelImage, summary: &mut Summary) -> Result<Vec<Case<'a>>> {
    let disk = disk::plain(workspace, &workspace.root.join(disk::DEFAULT_DISK), "vm")?;
    let contents = Contents::of(&kernel.packed);
    let image = iso::grub::make(workspace, &contents, &workspace.target.join("velocity.iso"))?;
    let mut cases = Vec::new();
    for firmware in [Firmware::Bios, Firmware::Uefi] {
        for cores in [1, 4] {
            let machine = Machine { cores, disk: Some(disk.clone()), ..Machine::new(firmware, &image) };
            cases.push(case(workspace, format!("GRUB, {}, {cores} core(s)", firmware.name()), machine, walk));
        }
    }
    for firmware in [Firmware::Bios, Firmware::Uefi] {
        let machine = Machine { medium: Medium::Cd, disk: Some(disk.clone()), ..Machine::new(firmware, &image) };
        cases.push(case(workspace, format!("GRUB from a CD, {}", firmware.name()), machine, walk));
    }
    for cores in [1, 4] {
        let machine = Machine { cores, disk: Some(disk.clone()), ..Machine::direct(&kernel.packed) };
        cases.push(case(workspace, format!("direct boot, {cores} core(s)"), machine, walk));
    }
    cases.extend(limine_cases(workspace, &contents, &disk, summary)?);
    let plain = || Machine { disk: Some(disk.clone()), ..Machine::new(Firmware::Bios, &image) };
    cases.push(case(workspace, "reboot".to_owned(), plain(), reboot));
    cases.push(case(workspace, "PS/2 keyboard and screen".to_owned(), plain(), keyboard));
    cases.push(case(workspace, "no disk".to_owned(), Machine { disk: None, ..plain() }, no_disk));
    for fault in &FAULTS {
        let append = format!("fault={}", fault.name);
        let broken = Contents { append, ..contents.clone() };
        let path = workspace.target.join(format!("xtask/fault-{}.iso", fault.name));
        let image = iso::grub::make(workspace, &broken, &path)?;
        for (firmware, cores) in [(Firmware::Bios, 1), (Firmware::Uefi, 4)] {
            let machine = Machine { cores, ..Machine::new(firmware, &image) };
            let name = format!("fault {}, {}, {cores} core(s)", fault.name, firmware.name());
            cases.push(case(workspace, name, machine, |session| broken_kernel(session, fault)));
        }
    }
    for fault in &CODE_FAULTS {
        let machine = Machine { append: format!("fault={}", fault.name), ..Machine::direct(&kernel.packed) };
        let name = format!("fault {}, direct boot", fault.name);
        cases.push(case(workspace, name, machine, |session| broken_kernel(session, fault)));
    }
    cases.extend(engines::cases(workspace, kernel)?);
    cases.extend(spec::cases(workspace, kernel)?);
    cases.extend(updates::cases(workspace, kernel)?);
    Ok(cases)
}

fn limine_cases<'a>(
    workspace: &'a Workspace,
    contents: &Contents,
    disk: &Path,
    summary: &mut Summary,
) -> Result<Vec<Case<'a>>> {
    let Some(files) = limine::find() else {
        summary.leave_out("machines started by Limine", limine::NOT_FOUND);
        return Ok(Vec::new());
    };
    let mut cases = Vec::new();
    for (entry, protocol) in [(1, "Limine protocol"), (2, "Multiboot2"), (3, "chain-load")] {
        let contents = Contents { limine_entry: entry, ..contents.clone() };
        let path = workspace.target.join(format!("xtask/limine-{entry}.iso"));
        let image = limine::make(workspace, &files, &contents, &path)?;
        for (firmware, cores) in [(Firmware::Bios, 1), (Firmware::Bios, 4), (Firmware::Uefi, 1), (Firmware::Uefi, 4)] {
            // A chain-load exists under UEFI only; one machine with all cores is enough for the other two entries.
            if (entry == 3 && firmware == Firmware::Bios) || (entry > 1 && cores == 1) {
                continue;
            }
            let machine = Machine { cores, disk: Some(disk.to_path_buf()), ..Machine::new(firmware, &image) };
            let name = format!("Limine ({protocol}), {}, {cores} core(s)", firmware.name());
            cases.push(case(workspace, name, machine, walk));
        }
    }
    Ok(cases)
}

pub(super) fn case<'a>(
    workspace: &'a Workspace,
    name: String,
    machine: Machine,
    check: impl Fn(&mut Session) -> Result<()> + Send + Sync + 'a,
) -> Case<'a> {
    let run = move || {
        let mut session = Session::start(workspace, &machine, LIMIT).map_err(|error| error.to_string())?;
        let cores = machine.cores;
        check(&mut session).and_then(|()| cores_answer(&session, cores)).map_err(|error| error.to_string())
    };
    Case { name, run: Box::new(run) }
}

/// Where `cpus` was asked: one line for each core, and each of them answered.
fn cores_answer(session: &Session, cores: u32) -> Result<()> {
    let text = session.transcript();
    let Some((_, after)) = text.split_once("velocity> cpus\n") else { return Ok(()) };
    let lines: Vec<&str> = after.lines().skip(1).take_while(|line| !line.starts_with("velocity>")).collect();
    let answered =
        |line: &&&str| line.contains("  yes  ") && (line.contains("  after ") || line.contains("runs this command"));
    if lines.len() == cores as usize && lines.iter().filter(answered).count() == lines.len() {
        return Ok(());
    }
    Err(session
        .failure(format!("{cores} core(s) with AVX should have answered, but `cpus` says:\n{}", lines.join("\n"))))
}

/// Looks at everything, then powers off.
fn walk(session: &mut Session) -> Result<()> {
    let script = ["version", "cpus", "mem", "pci", "disk", "ls /", "dmesg"].map(str::to_owned);
    session.run_script(&script)?;
    let text = session.transcript();
    let used = kib_in_use(&text).ok_or_else(|| session.failure("`mem` shows no sum".to_owned()))?;
    if used > MAX_MEMORY_KIB {
        return Err(session.failure(format!("{used} KiB in use at the prompt, more than {MAX_MEMORY_KIB}")));
    }
    if !text.contains("NVMe controller") {
        return Err(session.failure("`pci` lists no NVMe controller".to_owned()));
    }
    expect(session, Ending::PowerOff, "poweroff")
}

/// The line `sum in use` of `mem`.
fn kib_in_use(transcript: &str) -> Option<u64> {
    let line = transcript.lines().find_map(|line| line.strip_prefix("sum in use"))?;
    line.trim().strip_suffix(" KiB")?.parse().ok()
}

fn reboot(session: &mut Session) -> Result<()> {
    session.wait_for_prompt(1)?;
    expect(session, Ending::Restart, "reboot")
}

pub(super) fn expect(session: &mut Session, wanted: Ending, command: &str) -> Result<()> {
    session.type_line(command)?;
    match session.wait_end() {
        ending if ending == wanted => Ok(()),
        ending => Err(session.failure(format!("after `{command}` it should have ended so: {wanted}; but: {ending}"))),
    }
}

/// Types on the emulated keyboard instead of the serial line, and looks at the screen.
fn keyboard(session: &mut Session) -> Result<()> {
    session.wait_for_prompt(1)?;
    session.press_keys(&["v", "e", "r", "s", "i", "o", "n", "ret"])?;
    session.wait_for_prompt(2)?;
    if !session.transcript().starts_with("velocity> version\n") {
        return Err(session.failure("the keys v e r s i o n Enter did not arrive".to_owned()));
    }
    let colours = session.screen_colours()?;
    if colours < 2 {
        return Err(session.failure("the screen shows nothing".to_owned()));
    }
    expect(session, Ending::PowerOff, "poweroff")
}

fn no_disk(session: &mut Session) -> Result<()> {
    session.run_script(&["ls /".to_owned(), "version".to_owned()])?;
    expect(session, Ending::PowerOff, "poweroff")
}

fn broken_kernel(session: &mut Session, fault: &Fault) -> Result<()> {
    if session.wait_for_prompt(1).is_ok() {
        return Err(session.failure(format!("it came to the prompt in spite of fault={}", fault.name)));
    }
    let ending = session.wait_end();
    if ending != fault.ending {
        return Err(session.failure(format!("it should have ended so: {}; but: {ending}", fault.ending)));
    }
    let text = session.serial_text();
    match fault.report.iter().chain(&REPORT).find(|part| !text.contains(**part)) {
        None => Ok(()),
        Some(part) => Err(session.failure(format!("the report does not say {part:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_read_from_mem() {
        let text = "velocity> mem\nheap                   512 KiB  (1 KiB allocated)\nsum in use            4321 KiB\n";
        assert_eq!(kib_in_use(text), Some(4321));
        assert_eq!(kib_in_use("velocity> mem\n"), None);
    }
}
