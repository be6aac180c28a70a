//! Commands about the machine and the shell itself.

use crate::machine::Bench;
use velocity_base::Duration;
use velocity_system::Next;

#[test]
fn help_lists_every_command_and_explains_one() {
    let mut bench = Bench::with_files(&[]);
    let help = bench.run("help");
    let commands = "help ls cat sha256 run jit disasm check fmt hash show slice who-calls needs mem pci disk cpus spawn ps kill wait top ring cores board ota dmesg uptime version poweroff reboot";
    let listed: Vec<_> = help.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(listed[..listed.len() - 1].join(" "), commands);
    assert!(bench.run("help run").starts_with("run [--engine NAME] FILE: run an NDA program\n"));
    assert_eq!(bench.run("help hlep"), "help: hlep: no such command; did you mean `help`? `help` lists all\n");
    assert_eq!(bench.run("help a b"), "help: usage: help [COMMAND]\n");
}

#[test]
fn lines_that_are_no_commands_are_answered() {
    let mut bench = Bench::with_files(&[]);
    assert_eq!(bench.run(""), "");
    assert_eq!(bench.run("   "), "");
    assert_eq!(bench.run("frobnicate"), "velocity: frobnicate: no such command; `help` lists all\n");
    assert!(bench.run("cat 'open").starts_with("velocity: column 5: "));
    for name in ["mem", "pci", "disk", "cpus", "dmesg", "uptime", "version", "poweroff", "reboot"] {
        assert_eq!(bench.run(&format!("{name} x")), format!("{name}: usage: {name}\n"));
    }
}

#[test]
fn memory_is_shown_by_purpose_with_the_screen_apart() {
    let mut bench = Bench::with_files(&[]);
    let expected = "heap                  2048 KiB  (1000 KiB allocated)\n\
                    stacks                  96 KiB\n\
                    page tables             40 KiB\n\
                    code and data          500 KiB\n\
                    device queues          540 KiB\n\
                    sum in use            3224 KiB\n\
                    screen buffers        3072 KiB\n\
                    machine              65536 KiB\n";
    assert_eq!(bench.run("mem"), expected);
}

#[test]
fn every_core_is_asked_and_a_silent_one_does_not_hold_the_shell() {
    let mut bench = Bench::with_files(&[]);
    let before = bench.now();
    let expected = "core  apic  avx  answer                processor\n   \
                    0     0  yes  runs this command     Model 5\n   \
                    1     2  no   after 0 us            Model 5\n   \
                    2     4  no   none in 500 ms        Model 5\n   \
                    3     6  no   did not start         Model 5\n   \
                    4     8  no   busy                  Model 5\n";
    assert_eq!(bench.run("cpus"), expected);
    let took = bench.now() - before;
    assert!(took >= Duration::from_millis(500) && took < Duration::from_secs(2), "{took:?}");
}

#[test]
fn functions_disks_and_log_are_listed() {
    let mut bench = Bench::with_files(&[]);
    let pci = bench.run("pci");
    assert!(pci.contains("0000:00:01.0  1b36:0010  NVMe controller\n"), "{pci}");
    assert!(pci.contains("BAR 0: 16 KiB of memory at 0x"), "{pci}");
    bench.type_text("dmesg\r");
    bench.settle();
    let written = bench.written();
    assert!(written.contains("] system: VELOCITY-OS "), "{written}");
    assert!(written.contains("stage volumes "), "{written}");
}

#[test]
fn uptime_follows_the_clock() {
    let mut bench = Bench::with_files(&[]);
    bench.clock.advance(Duration::from_millis(2 * 3_600_000 + 3 * 60_000 + 4_005));
    let up = bench.run("uptime");
    assert!(up.starts_with("up 2:03:04.0"), "{up}");
}

#[test]
fn the_machine_goes_off_and_on_when_asked() {
    for (line, expected, farewell) in
        [("poweroff", Next::PowerOff, "Switching off."), ("reboot", Next::Reboot, "Starting anew.")]
    {
        let mut bench = Bench::with_files(&[]);
        bench.type_text(line);
        bench.type_text("\r");
        assert_eq!(bench.settle(), expected);
        assert!(bench.transcript().ends_with(&format!("{line}\n{farewell}\n")), "{}", bench.transcript());
    }
}
