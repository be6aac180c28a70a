//! What agents ask of the system.

use crate::link::MOST;
use crate::motions::Motion;
use crate::order::{Order, Source, SpawnError};
use crate::output::Output;
use crate::slot::Key;
use crate::swarm::{Received, Swarm};
use crate::tree::NoSuchAgent;
use alloc::sync::Arc;
use velocity_base::{Duration, Instant};
use velocity_interp::{Console, Host, HostCall, HostError, Value, shim_behind};
use velocity_nda::sys;

/// What an agent waits for.
#[derive(Debug, Default)]
pub(crate) struct Wait {
    /// It goes on when it is woken, not when its turn comes.
    pub(crate) parks: bool,
    /// The end of its sleep.
    pub(crate) until: Option<Instant>,
    /// It has let others go first.
    pub(crate) yielded: bool,
    /// Whom it last received a message from.
    pub(crate) last: u32,
}

/// What the gate takes for a byte of source text, in units of fuel, and what each link takes that is looked at.
const UNITS_A_BYTE: u64 = 64;
const UNITS_A_LINK: u64 = 16;

/// The longest source text that an agent gives: the gate reads it in one turn.
const MAX_SOURCE: u32 = 1 << 16;

/// The longest text of an announcement.
const MAX_TEXT: u32 = 512;

/// What an agent is told that asked for something that is not there.
const NOT_ADMITTED: i32 = -1;
const NO_ROOM: i32 = -2;
const NO_SUCH_AGENT: i32 = -3;

/// The host of an agent in its slice.
pub(crate) struct Asks<'a> {
    pub(crate) swarm: &'a Swarm,
    pub(crate) key: Key,
    pub(crate) number: u32,
    pub(crate) output: &'a Arc<Output>,
    pub(crate) now: Instant,
    pub(crate) wait: &'a mut Wait,
}

impl Host for Asks<'_> {
    fn call(&mut self, call: HostCall<'_>) -> Result<(), HostError> {
        let Some((capability, row)) = shim_behind(call.function) else { return Err(UNKNOWN) };
        if capability == sys::CONSOLE {
            return self.print(call);
        }
        match (row.item, call.arguments) {
            ("spawn_agent", &[Value::I32(start), Value::I32(len), Value::I32(pages)]) => {
                return self.spawn(call, (start as u32, len as u32), pages as u32);
            }
            ("kill_agent", &[Value::I32(number)]) => {
                let killed = self.swarm.kill(Some(self.key), number as u32);
                give(call, Value::I32(killed.map_or(NO_SUCH_AGENT, |()| 0)));
            }
            ("wait_agent", &[Value::I32(number)]) => match self.swarm.exit_of(Some(self.key), number as u32) {
                Ok(Some(exit)) => give(call, Value::I32(exit.code())),
                Ok(None) => self.park(call),
                Err(NoSuchAgent) => give(call, Value::I32(NO_SUCH_AGENT)),
            },
            ("send", &[Value::I32(to), Value::I32(start), Value::I32(len)]) => {
                return self.send(call, to as u32, (start as u32, len as u32));
            }
            ("receive", &[Value::I32(start), Value::I32(len)]) => {
                return self.receive(call, (start as u32, len as u32));
            }
            ("agent_number", []) => give(call, Value::I32(self.number as i32)),
            ("announce", &[Value::I32(start), Value::I32(len), Value::I64(revision)]) => {
                return self.announce(call, (start as u32, len as u32), revision as u64);
            }
            ("agree", &[Value::I64(number)]) => self.say(call, Motion::Agree(number as u64)),
            ("commit", &[Value::I64(number)]) => self.say(call, Motion::Commit(number as u64)),
            ("withdraw", &[Value::I64(number)]) => self.say(call, Motion::Withdraw(number as u64)),
            ("now", []) => give(call, Value::I64((self.now.nanos / 1000) as i64)),
            ("sleep", &[Value::I64(micros)]) => self.sleep(call, micros as u64),
            ("yield_now", []) => {
                self.wait.yielded = !self.wait.yielded;
                *call.later = self.wait.yielded;
            }
            _ => return Err(UNKNOWN),
        }
        Ok(())
    }
}

const UNKNOWN: HostError = HostError("agents have no such function");

fn give(call: HostCall<'_>, value: Value) {
    if let [result] = call.results {
        *result = value;
    }
}

impl Asks<'_> {
    /// The call happens when it is woken.
    fn park(&mut self, call: HostCall<'_>) {
        (self.wait.parks, *call.later) = (true, true);
    }

    fn print(&mut self, call: HostCall<'_>) -> Result<(), HostError> {
        let mut call = Some(call);
        let printed = self.output.print(self.key, |text| match call.take() {
            Some(call) => Console::new(text).call(call),
            None => Ok(()),
        });
        if let Some(call) = call {
            self.park(call);
        }
        self.swarm.give_news();
        printed.unwrap_or(Ok(()))
    }

    fn sleep(&mut self, call: HostCall<'_>, micros: u64) {
        let until = *self.wait.until.get_or_insert_with(|| self.now.after(Duration::from_micros(micros)));
        if self.now >= until {
            self.wait.until = None;
            return;
        }
        self.swarm.timers.add(until, self.key);
        self.park(call);
    }

    /// `announce(start, len, revision)`.
    fn announce(&mut self, call: HostCall<'_>, (start, len): (u32, u32), revision: u64) -> Result<(), HostError> {
        if len > MAX_TEXT {
            return Err(HostError("an announcement has at most 512 bytes"));
        }
        let bytes = call.memory.as_deref().and_then(|memory| memory.slice(start, len));
        let bytes = bytes.ok_or(HostError("`announce` was given a range outside of the memory"))?;
        match core::str::from_utf8(bytes) {
            Ok(text) => {
                let text = text.into();
                self.say(call, Motion::Announce { text, revision });
            }
            Err(_) => give(call, Value::I64(NOT_ADMITTED.into())),
        }
        Ok(())
    }

    /// Says something on the board: `announce` answers in 64 bits, all others in 32.
    fn say(&mut self, call: HostCall<'_>, motion: Motion) {
        let wide = matches!(motion, Motion::Announce { .. });
        match self.swarm.motions.ask(self.key, motion) {
            Some(answer) if wide => give(call, Value::I64(answer)),
            Some(answer) => give(call, Value::I32(answer as i32)),
            None => {
                self.park(call);
                self.swarm.give_news();
            }
        }
    }

    /// `send(to, start, len)`.
    fn send(&mut self, call: HostCall<'_>, to: u32, (start, len): (u32, u32)) -> Result<(), HostError> {
        if len as usize > MOST {
            return Err(HostError("a message has at most 64 bytes"));
        }
        let bytes = call.memory.as_deref().and_then(|memory| memory.slice(start, len));
        let bytes = bytes.ok_or(HostError("`send` was given a range outside of the memory"))?;
        match self.swarm.send(self.key, to, bytes) {
            Ok(true) => give(call, Value::I32(0)),
            Ok(false) => self.park(call),
            Err(NoSuchAgent) => give(call, Value::I32(NO_SUCH_AGENT)),
        }
        Ok(())
    }

    /// `receive(start, len)`.
    fn receive(&mut self, mut call: HostCall<'_>, (start, len): (u32, u32)) -> Result<(), HostError> {
        if (len as usize) < MOST {
            return Err(HostError("`receive` needs room for 64 bytes"));
        }
        let place = call.memory.as_deref_mut().and_then(|memory| memory.slice_mut(start, MOST as u32));
        let place = place.ok_or(HostError("`receive` was given a range outside of the memory"))?;
        match self.swarm.receive(self.key, self.wait.last) {
            Ok(Some(Received { from, bytes, len, looked })) => {
                *call.fuel += looked as u64 * UNITS_A_LINK;
                place[..len].copy_from_slice(&bytes[..len]);
                self.wait.last = from;
                give(call, Value::I64(i64::from(from) << 32 | len as i64));
            }
            Ok(None) => self.park(call),
            Err(NoSuchAgent) => give(call, Value::I64(NO_SUCH_AGENT.into())),
        }
        Ok(())
    }

    /// `spawn_agent(source, len, pages)`. The new agent may do what this one may, and as its program needs; if that makes agents itself, they
    /// may take half of what is left here.
    fn spawn(&mut self, call: HostCall<'_>, (start, len): (u32, u32), pages: u32) -> Result<(), HostError> {
        if len > MAX_SOURCE {
            return Err(HostError("the source of an agent has at most 64 KiB"));
        }
        let bytes = call.memory.as_deref().and_then(|memory| memory.slice(start, len));
        let bytes = bytes.ok_or(HostError("`spawn_agent` was given a range outside of the memory"))?;
        *call.fuel += u64::from(len) * UNITS_A_BYTE;
        let Ok(text) = core::str::from_utf8(bytes) else {
            give(call, Value::I32(NOT_ADMITTED));
            return Ok(());
        };
        let order = Order { pages, class: self.swarm.class(self.key), ..Order::new("agent", Source::Text(text)) };
        let made = self.swarm.spawn(Some(self.key), order, self.output);
        let number = match made {
            Ok((_, number)) => number as i32,
            Err(SpawnError::Refused(_) | SpawnError::NotGranted) => NOT_ADMITTED,
            Err(SpawnError::Budget { .. } | SpawnError::Ended) => NO_ROOM,
        };
        give(call, Value::I32(number));
        Ok(())
    }
}
