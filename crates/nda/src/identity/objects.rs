//! Objects of equal content: which is which.
//!
//! A global that can be set, a static, passive data, a table and a passive element segment change while a program runs,
//! so two of them are two even if they begin alike. The only thing that tells them apart is who uses them. So an object
//! that has an equal gets a number from the shapes of its direct users, which is their own code without what that
//! refers to, and from the places at which they use it; and the number becomes part of its canonical form. An object
//! without an equal has the number 0 and depends on nobody.
//!
//! That settles nearly all cases, before anything else is hashed. For objects whose users have equal shapes too, and for
//! objects that refer to others and so cannot be compared before all is hashed, there is more work: when all hashes are
//! known with equal objects taken for one, the definitions that lead to such objects are refined by what they use, by
//! what uses them, and by what the program exports. What is still alike then is told apart one by one, refining after
//! each step, so that choices that belong together are made together.
//!
//! Only programs with equal objects pay for this, and only for the definitions that lead to them.

use super::definitions::Definition;
use super::hash::Analysis;
use super::refine::{Edges, Partition};
use super::shapes::mix;
use crate::module::{ExportItem, Module};
use alloc::vec::Vec;
use velocity_base::{ContentHash, Hasher};

/// Set in the label of an edge from what is used to its user.
const UPWARDS: u32 = 1 << 31;

impl Analysis<'_> {
    /// Numbers objects of equal content that refer to nothing. Nothing needs to be hashed before.
    pub(super) fn number_plain_objects(&mut self, module: &Module) {
        let parts = self.encoded.parts.iter().zip(0_u32..);
        let plain = parts.filter(|(part, _)| part.object && part.references.is_empty());
        let plain: Vec<u32> = plain.map(|(_, number)| number).collect();
        if plain.len() < 2 {
            return;
        }
        for &object in &plain {
            self.hashes[object as usize] = self.definition_hash(object);
        }
        let equal = self.equal(plain);
        self.number_by_users(module, &equal);
    }

    /// Numbers the other objects of equal content, and hashes again what depends on them.
    pub(crate) fn tell_objects_apart(&mut self, module: &Module) {
        let equal = self.equal_objects();
        let (new, _): (Vec<u32>, Vec<u32>) = equal.iter().partition(|&&one| self.ordinals[one as usize] == 0);
        if !new.is_empty() {
            self.number_by_users(module, &new);
            self.rehash(&new);
        }
        let mut equal = self.equal(equal);
        if !equal.is_empty() {
            self.number_objects(module, &mut equal);
            self.rehash(&equal);
        }
    }

    /// The objects that have an equal, sorted by hash.
    pub(crate) fn equal_objects(&self) -> Vec<u32> {
        let parts = self.encoded.parts.iter().zip(0_u32..);
        self.equal(parts.filter(|(part, _)| part.object).map(|(_, number)| number).collect())
    }

    /// Those of the objects that have an equal, sorted by hash.
    fn equal(&self, objects: Vec<u32>) -> Vec<u32> {
        let hash = |object: u32| &self.hashes[object as usize];
        let front = |object| u64::from_be_bytes(hash(object).0.as_chunks().0[0]);
        let mut sorted: Vec<(u64, u32)> = objects.into_iter().map(|object| (front(object), object)).collect();
        sorted.sort_unstable_by(|one, other| one.0.cmp(&other.0).then_with(|| hash(one.1).cmp(hash(other.1))));
        let groups = sorted.chunk_by(|one, other| one.0 == other.0 && hash(one.1) == hash(other.1));
        groups.filter(|group| group.len() > 1).flatten().map(|&(_, object)| object).collect()
    }

    /// Numbers objects by the shapes of their users.
    fn number_by_users(&mut self, module: &Module, objects: &[u32]) {
        if objects.is_empty() {
            return;
        }
        // The place of each object among `objects`, plus one.
        let mut places = alloc::vec![0_u32; self.encoded.parts.len()];
        objects.iter().zip(1..).for_each(|(&object, place)| places[object as usize] = place);
        let place = |number: u32| (places[number as usize] as usize).checked_sub(1);
        let is_user = |&user: &u32| self.encoded.targets(user).any(|target| place(target).is_some());
        let users: Vec<u32> = (0..self.encoded.parts.len() as u32).filter(is_user).collect();
        let mut uses: Vec<(usize, Use)> = Vec::new();
        for (&user, shape) in users.iter().zip(self.encoded.shapes(&users)) {
            let slots = self.encoded.targets(user).zip(0..);
            uses.extend(slots.filter_map(|(target, slot)| Some((place(target)?, (shape, slot)))));
        }
        for (number, name) in self.offers(module) {
            uses.extend(place(number).map(|at| (at, (mix(0, name.as_bytes()), u32::MAX))));
        }
        let mut bytes = Vec::new();
        for (object, uses) in objects.iter().zip(gather(objects.len(), &uses)) {
            bytes.clear();
            for (shape, slot) in uses {
                bytes.extend_from_slice(&shape.to_le_bytes());
                bytes.extend_from_slice(&slot.to_le_bytes());
            }
            if !bytes.is_empty() {
                let [a, b, c, d, ..] = ContentHash::of(&bytes).0;
                self.ordinals[*object as usize] = u32::from_le_bytes([a, b, c, d]).max(1);
            }
        }
    }

    /// What the program exports: number and name.
    fn offers<'m>(&self, module: &'m Module) -> impl Iterator<Item = (u32, &'m str)> {
        let number = |item| self.encoded.numbering.number(exported(item));
        module.exports.iter().filter_map(move |export| Some((number(export.item)?, module.text(export.name))))
    }

    fn number_objects(&mut self, module: &Module, objects: &mut [u32]) {
        let users = self.users(objects);
        let mut local = alloc::vec![u32::MAX; self.encoded.parts.len()];
        users.iter().zip(0_u32..).for_each(|(&user, index)| local[user as usize] = index);
        let mut triples = Vec::new();
        for (&user, from) in users.iter().zip(0_u32..) {
            for (target, slot) in self.encoded.targets(user).zip(0_u32..) {
                let to = local[target as usize];
                if to != u32::MAX {
                    triples.push((to, slot, from));
                    triples.push((from, slot | UPWARDS, to));
                }
            }
        }
        let edges = Edges::new(users.len(), &triples);
        let mut partition = Partition::new(&edges, &self.colours(module, &users, objects));
        let mut object = alloc::vec![false; users.len()];
        objects.iter().for_each(|&one| object[local[one as usize] as usize] = true);
        let mut cell = 0;
        while cell < partition.len() {
            while partition.cell(cell).len() > 1 && object[partition.cell(cell)[0] as usize] {
                partition.tell_apart(cell);
            }
            cell += 1;
        }
        self.refinement_work += partition.work;
        objects.sort_by_key(|&one| (self.hashes[one as usize], partition.cell_of(local[one as usize])));
        for group in objects.chunk_by(|&one, &other| self.hashes[one as usize] == self.hashes[other as usize]) {
            for (&one, rank) in group.iter().zip(0..) {
                let ordinal = &mut self.ordinals[one as usize];
                *ordinal = ordinal.wrapping_add(rank);
            }
        }
    }

    /// These objects and everything that leads to one of them.
    fn users(&self, objects: &[u32]) -> Vec<u32> {
        let count = self.encoded.parts.len();
        let mut triples = Vec::with_capacity(self.encoded.references.len());
        for user in 0..count as u32 {
            triples.extend(self.encoded.targets(user).map(|target| (target, 0, user)));
        }
        let edges = Edges::new(count, &triples);
        let mut seen = alloc::vec![false; count];
        let mut found = objects.to_vec();
        found.iter().for_each(|&one| seen[one as usize] = true);
        let mut next = 0;
        while next < found.len() {
            for &(_, user) in edges.of(found[next]) {
                if !core::mem::replace(&mut seen[user as usize], true) {
                    found.push(user);
                }
            }
            next += 1;
        }
        found
    }

    /// What is known of each definition: whether it is one of the objects, its hash, and how the program offers it.
    fn colours(&self, module: &Module, users: &[u32], objects: &[u32]) -> Vec<(bool, ContentHash, ContentHash)> {
        let mut offers: Vec<(u32, &str)> = self.offers(module).collect();
        offers.sort_unstable();
        let start = module.start.and_then(|start| self.encoded.numbering.number(Definition::Function(start)));
        let mut is_object = alloc::vec![false; self.encoded.parts.len()];
        objects.iter().for_each(|&one| is_object[one as usize] = true);
        let colour = |&user: &u32| {
            let from = offers.partition_point(|&(number, _)| number < user);
            let mut hasher = Hasher::new();
            hasher.update(&[u8::from(start == Some(user))]);
            for (_, name) in offers[from..].iter().take_while(|&&(number, _)| number == user) {
                hasher.update(&(name.len() as u64).to_le_bytes());
                hasher.update(name.as_bytes());
            }
            (is_object[user as usize], self.hashes[user as usize], hasher.finish())
        };
        users.iter().map(colour).collect()
    }
}

/// A use of an object: the shape of the user, and the place among what that uses.
type Use = (u64, u32);

/// The uses of each of `count` objects, sorted.
fn gather(count: usize, uses: &[(usize, Use)]) -> Vec<Vec<Use>> {
    let mut groups = alloc::vec![Vec::new(); count];
    uses.iter().for_each(|&(at, one)| groups[at].push(one));
    groups.iter_mut().for_each(|group| group.sort_unstable());
    groups
}

/// The definition that an export stands for.
pub(crate) const fn exported(item: ExportItem) -> Definition {
    match item {
        ExportItem::Function(id) => Definition::Function(id),
        ExportItem::Global(id) => Definition::Global(id),
        ExportItem::Table(id) => Definition::Table(id),
        ExportItem::Memory => Definition::Memory,
    }
}
