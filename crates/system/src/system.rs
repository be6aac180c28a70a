//! The system: starts a machine, then does bounded work at every step.

use crate::{
    NAME, VERSION,
    agents::Agents,
    keyboard::Keyboard,
    machine::Machine,
    patches::Patches,
    platform::Platform,
    shell::{Services, Shell, Turn},
    storage::{Ports, Storage},
    terminal::Terminal,
};
use alloc::{sync::Arc, vec::Vec};
use velocity_base::{Duration, Instant};
use velocity_pci::Bus;
use velocity_trace::{Level, Log};

/// Longest sleep between two steps: input wakes the machine, so this only bounds the harm of a lost interrupt.
const IDLE: Duration = Duration::from_secs(1);

/// What the body's loop does after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// There is more to do: call [`System::step`] again at once.
    Again,
    /// Only agents have something to do: call [`System::step`] again at once.
    Agents,
    /// Nothing to do before this instant unless input arrives: call [`System::wait`], then step.
    WaitUntil(Instant),
    /// Switch the machine off.
    PowerOff,
    /// Start the machine anew.
    Reboot,
}

/// A running system on one machine.
pub struct System {
    platform: Platform,
    storage: Storage,
    agents: Agents,
    patches: Patches,
    terminal: Terminal,
    keyboard: Keyboard,
    shell: Shell,
    lost: u64,
}

impl System {
    /// Brings the machine up to its first prompt. Never fails: what is missing or broken is reported on the screen.
    #[must_use]
    pub fn start(machine: Machine) -> Self {
        let seed = machine.seed;
        let mut platform = Platform {
            body: machine.body,
            clock: machine.clock,
            idle: machine.idle,
            cores: machine.cores,
            memory: machine.memory,
            engines: machine.engines,
            profiles: Arc::default(),
            log: machine.log,
            bus: Bus::new(machine.pci),
            functions: Vec::new(),
            stages: machine.boot.stages.clone(),
            boot: machine.boot,
        };
        platform.reached("start");
        introduce(&platform, machine.display.as_ref().map(|display| display.size()));
        let keyboard = Keyboard::new(machine.input, machine.text_ports.len());
        let terminal = Terminal::new(machine.text_ports, machine.display);
        platform.reached("console");
        platform.find_functions();
        platform.reached("pci");
        let (idle, mmio, interrupts) = (platform.idle.clone(), &*machine.mmio, &*machine.interrupts);
        let ports = Ports { mmio, dma: machine.dma, interrupts, idle };
        let mut storage = Storage::attach(&ports, &platform);
        platform.reached("nvme");
        storage.mount(&platform);
        platform.reached("volumes");
        let patches = Patches::new(&mut storage, &platform);
        platform.reached("ledger");
        let mut system = Self {
            patches,
            agents: Agents::new(&platform, seed),
            platform,
            storage,
            terminal,
            keyboard,
            shell: Shell::new(),
            lost: 0,
        };
        system.greet();
        system.platform.reached("prompt");
        system
    }

    /// Writes the banner and the first prompt.
    fn greet(&mut self) {
        let Self { terminal, storage, .. } = self;
        terminal.line(format_args!("{NAME} {VERSION}"));
        terminal.line(format_args!("{}", storage.summary()));
        self.shell.prompt(terminal);
        terminal.present(self.platform.clock.now(), true);
    }

    /// Does a bounded amount of work: input, a turn of the running command, at most one screen update.
    pub fn step(&mut self) -> Next {
        self.keyboard.pump(self.platform.clock.now());
        // Before anything is looked at, so that what comes meanwhile is seen at the next step.
        self.agents.swarm.take_news();
        let Self { terminal: out, storage, agents, patches, platform, .. } = self;
        let turn = self.shell.step(&mut self.keyboard, &mut Services { out, storage, agents, patches, platform });
        self.patches.hear(&self.agents.swarm);
        self.patches.step(&mut self.storage, &self.platform);
        let ran = self.agents.step(&self.platform);
        let now = self.platform.clock.now();
        self.terminal.present(now, turn != Turn::Again);
        match turn {
            Turn::Again => Next::Again,
            Turn::WaitUntil(_) if ran => Next::Again,
            Turn::Done if ran => Next::Agents,
            Turn::WaitUntil(until) => Next::WaitUntil(self.next_time(until)),
            Turn::Done => self.rest(now),
            Turn::PowerOff => Next::PowerOff,
            Turn::Reboot => Next::Reboot,
        }
    }

    /// Whether a command line is awaited, nothing typed waits to be read, and everything written so far is out.
    #[must_use]
    pub fn at_prompt(&self) -> bool {
        self.shell.is_idle() && !self.keyboard.is_waiting()
    }

    /// Sleeps until `until`, an input event or an interrupt.
    pub fn wait(&self, until: Instant) {
        self.platform.idle.wait(until, &|| self.keyboard.is_waiting() || self.agents.has_news());
    }

    /// Named instants of the start, oldest first: the body's own, then `start`, `console`, `pci`, `nvme`, `volumes`,
    /// `ledger`, `prompt`, each taken at the end of what it names.
    #[must_use]
    pub fn stages(&self) -> &[(&'static str, Instant)] {
        &self.platform.stages
    }

    /// The event log.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.platform.log
    }

    /// Bytes of the screen's back buffer, for the body's account of memory; 0 without a screen.
    #[must_use]
    pub fn screen_bytes(&self) -> u64 {
        self.terminal.screen_bytes()
    }

    /// When there is something to do, whatever comes: at `until` at the latest.
    fn next_time(&self, until: Instant) -> Instant {
        let times = [self.agents.next_time(), self.patches.next_time()];
        times.into_iter().flatten().fold(until, Instant::min)
    }

    /// Nothing to do: says until when, and uses the moment to note lost input.
    fn rest(&mut self, now: Instant) -> Next {
        let lost = self.keyboard.lost();
        if lost > self.lost {
            let more = lost - self.lost;
            self.platform.record(Level::Warn, "input", format_args!("{more} events lost: the queue was full"));
            self.lost = lost;
        }
        let until = self.next_time(now.after(IDLE));
        Next::WaitUntil(self.keyboard.deadline().map_or(until, |due| due.min(until)))
    }
}

/// Writes what the machine is to the log.
fn introduce(platform: &Platform, screen: Option<(u32, u32)>) {
    let say = |message: core::fmt::Arguments<'_>| platform.record(Level::Info, "system", message);
    let boot = &platform.boot;
    say(format_args!("{NAME} {VERSION} ({}), loaded by {} on {}", platform.body, boot.loader, boot.firmware));
    if !boot.command_line.is_empty() {
        say(format_args!("command line: {}", boot.command_line));
    }
    let memory = platform.memory.usage().total >> 20;
    let mhz = platform.clock.cycles_per_second() / 1_000_000;
    say(format_args!("{} cores at {mhz} MHz, {memory} MiB of memory", platform.cores.count()));
    match screen {
        Some((width, height)) => say(format_args!("screen of {width} x {height} pixels")),
        None => say(format_args!("no screen")),
    }
    say(format_args!("programs run by engine {}", platform.engines.usual().name()));
}
