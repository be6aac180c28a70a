//! What Tab knows: commands, and paths on the volumes.

use super::command;
use crate::{
    storage::{Storage, VolumePath, fold},
    terminal::drives_terminals,
};
use alloc::{format, string::String, vec::Vec};
use velocity_terminal::{Completer, Completion, quote, word_at};

/// Most entries of a folder that are looked at; a larger one completes from its first entries.
const MAX_CANDIDATES: usize = 4096;

/// Completes from the table of commands and from the disk.
pub(super) struct ShellCompleter<'a> {
    /// Where paths are looked up.
    pub storage: &'a mut Storage,
}

impl Completer for ShellCompleter<'_> {
    fn complete(&mut self, line: &str, cursor: usize) -> Completion {
        let word = word_at(line, cursor);
        let before = line.get(..word.start).unwrap_or("").trim();
        let command = before.split_whitespace().next();
        let candidates = match command {
            None => commands(&word.text),
            Some("help") => commands(&word.text),
            Some(name) if command::find(name).is_ok_and(|command| command.takes_paths) => self.paths(&word.text),
            Some(_) => Vec::new(),
        };
        Completion { replace_from: word.start, candidates }
    }
}

impl ShellCompleter<'_> {
    /// Paths that begin with `typed`; FAT names match in any case and complete to the case on disk.
    fn paths(&mut self, typed: &str) -> Vec<String> {
        let folder_end = typed.rfind(['/', ':']).map_or(0, |at| at + 1);
        let (folder, start) = typed.split_at(folder_end);
        // A folder that cannot be read completes to nothing: the command itself will say why.
        let Ok(entries) = self.storage.list(VolumePath::parse(folder)) else { return Vec::new() };
        let start = fold(start);
        let fits = |name: &str| fold(name).starts_with(&start) && !name.contains(drives_terminals);
        let matches = entries.into_iter().take(MAX_CANDIDATES).filter(|entry| fits(&entry.name));
        let mut candidates: Vec<String> = matches
            .map(|entry| {
                let end = if entry.is_dir { "/" } else { " " };
                format!("{}{end}", quote(&format!("{folder}{}", entry.name)))
            })
            .collect();
        candidates.sort_by_cached_key(|candidate| fold(candidate));
        candidates
    }
}

fn commands(typed: &str) -> Vec<String> {
    let names = command::all().map(|command| command.name).filter(|name| name.starts_with(typed));
    names.map(|name| format!("{name} ")).collect()
}
