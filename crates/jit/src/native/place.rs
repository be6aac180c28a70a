//! Which values live in registers: linear scan over intervals (Poletto, Sarkar 1999), the least used ones going to the frame.

use super::asm::{Gpr, Xmm};
use super::flow::{Flow, Interval};
use alloc::vec::Vec;
use core::ops::Deref;

/// General registers that values live in.
pub(super) const HOME_GPRS: [u8; 7] = [3, 5, 12, 8, 9, 10, 11];

/// Vector registers that values live in.
pub(super) const HOME_XMMS: [u8; 10] = [6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// Where a value lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Gpr(Gpr),
    Xmm(Xmm),
    /// In this slot of the function's frame, counted among those of values.
    Frame(u32),
    /// It is always this.
    Constant(u64),
    /// Nobody asks for it.
    Nowhere,
}

/// Where all values live.
#[derive(Debug)]
pub(super) struct Places {
    /// By value.
    values: Vec<Place>,
    /// Slots of the frame that values live in.
    pub(super) frame: u32,
    /// Registers that are used, which the function keeps for its caller.
    pub(super) gprs: Few<Gpr>,
    pub(super) xmms: Few<Xmm>,
}

/// Room that functions take in turn.
#[derive(Default)]
pub(super) struct Room {
    values: Vec<Place>,
    homes: Vec<u32>,
}

impl Room {
    /// Room for how many items its largest list has.
    pub(super) fn room(&self) -> usize {
        self.values.capacity().max(self.homes.capacity())
    }

    /// Takes the room of what is no longer asked for.
    pub(super) fn give_back(&mut self, places: Places) {
        self.values = places.values;
    }
}

#[derive(Clone, Copy)]
struct Active {
    interval: Interval,
    register: u8,
}

/// The most registers of one kind.
const MOST: usize = HOME_XMMS.len();
const _: () = assert!(HOME_GPRS.len() <= MOST);

/// At most [`MOST`] of something, in order: of one function there are too few to ask the heap for.
#[derive(Debug)]
pub(super) struct Few<T> {
    items: [T; MOST],
    len: usize,
}

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items[..self.len]
    }
}

impl<T: Copy> Few<T> {
    const fn new(nothing: T) -> Self {
        Self { items: [nothing; MOST], len: 0 }
    }

    fn push(&mut self, item: T) {
        if let Some(free) = self.items.get_mut(self.len) {
            *free = item;
            self.len += 1;
        }
    }

    fn all_mut(&mut self) -> &mut [T] {
        &mut self.items[..self.len]
    }

    /// Takes one out; those behind it move up.
    fn remove(&mut self, at: usize) -> T {
        let gone = self.items[at];
        self.items.copy_within(at + 1..self.len, at);
        self.len -= 1;
        gone
    }
}

/// One kind of registers.
struct Scan {
    free: Few<u8>,
    used: u16,
    active: Few<Active>,
}

impl Scan {
    fn new(registers: &[u8], most: usize) -> Self {
        let nobody = Active { interval: Interval::NONE, register: 0 };
        let (mut free, active) = (Few::new(0), Few::new(nobody));
        registers[..registers.len().min(most)].iter().rev().for_each(|&register| free.push(register));
        Self { free, used: 0, active }
    }

    /// A register for an interval, and the value that has to make room for it.
    fn take(&mut self, interval: Interval, friend: Option<u8>) -> Option<(u8, Option<u32>)> {
        let mut kept = 0;
        for at in 0..self.active.len {
            let active = self.active.items[at];
            if active.interval.end < interval.start {
                self.free.push(active.register);
            } else {
                self.active.items[kept] = active;
                kept += 1;
            }
        }
        self.active.len = kept;
        // Those that are used already come first, so that fewer have to be kept.
        if let Some(register) = take_from(&mut self.free, self.used, friend) {
            self.used |= 1 << register;
            self.active.push(Active { interval, register });
            return Some((register, None));
        }
        let least = self.active.all_mut().iter_mut().min_by_key(|active| active.interval.weight)?;
        if least.interval.weight >= interval.weight {
            return None;
        }
        let gone = core::mem::replace(&mut least.interval, interval);
        Some((least.register, Some(gone.value)))
    }
}

fn take_from(free: &mut Few<u8>, used: u16, friend: Option<u8>) -> Option<u8> {
    let of_friend = friend.and_then(|friend| free.iter().position(|&register| register == friend));
    let is_used = |&register: &u8| used >> register & 1 != 0;
    let at = of_friend.or_else(|| free.iter().rposition(is_used)).or(free.len.checked_sub(1))?;
    Some(free.remove(at))
}

impl Places {
    /// Gives every value of a function a place, in no more registers than so many of each kind; all in the frame if nothing is known
    /// of the function.
    pub(super) fn of(
        flow: Option<&Flow>,
        slots: usize,
        (most_gprs, most_xmms): (usize, usize),
        Room { values, homes }: &mut Room,
    ) -> Self {
        let mut values = core::mem::take(values);
        values.clear();
        values.resize(slots * 2, Place::Nowhere);
        let mut places = Self { values, frame: 0, gprs: Few::new(Gpr(0)), xmms: Few::new(Xmm(0)) };
        let Some(flow) = flow else {
            for (at, place) in places.values.iter_mut().enumerate() {
                *place = Place::Frame(at as u32 / 2);
            }
            places.frame = slots as u32;
            return places;
        };
        for &(value, bits) in &flow.constants {
            places.values[value as usize] = Place::Constant(bits);
        }
        let (mut gprs, mut xmms) = (Scan::new(&HOME_GPRS, most_gprs), Scan::new(&HOME_XMMS, most_xmms));
        // By slot: its place in the frame.
        homes.clear();
        homes.resize(slots, u32::MAX);
        for &interval in &flow.intervals {
            let float = interval.value % 2 != 0;
            let friend = match places.values.get(interval.friend as usize) {
                Some(Place::Gpr(Gpr(register)) | Place::Xmm(Xmm(register))) => Some(*register),
                _ => None,
            };
            let taken = if float { xmms.take(interval, friend) } else { gprs.take(interval, friend) };
            let gone = match taken {
                Some((register, gone)) => {
                    places.values[interval.value as usize] =
                        if float { Place::Xmm(Xmm(register)) } else { Place::Gpr(Gpr(register)) };
                    gone
                }
                None => Some(interval.value),
            };
            if let Some(value) = gone {
                let home = &mut homes[value as usize / 2];
                if *home == u32::MAX {
                    *home = places.frame;
                    places.frame += 1;
                }
                places.values[value as usize] = Place::Frame(*home);
            }
        }
        let is_used = |used: u16| move |register: &u8| used >> register & 1 != 0;
        HOME_GPRS.into_iter().filter(is_used(gprs.used)).for_each(|register| places.gprs.push(Gpr(register)));
        HOME_XMMS.into_iter().filter(is_used(xmms.used)).for_each(|register| places.xmms.push(Xmm(register)));
        places
    }

    pub(super) fn get(&self, value: usize) -> Place {
        self.values[value]
    }
}
