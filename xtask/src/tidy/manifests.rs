//! Layers: each manifest states its tier, and its edges point to lower tiers.
//!
//! `[package.metadata.velocity]` holds `tier`, `unsafe`, and where needed `peers` (edges inside the tier, each worth a
//! comment) and `unsafe-in` (the only folders that may hold unsafe code). Dev-dependencies may also point inside the
//! tier, and upwards to the device models alone: a driver's tests run against them.

use super::{Finding, SourceFile};
use std::collections::BTreeMap;
use toml::{Table, Value};

/// The package whose models tests of lower tiers may use.
const MODELS: &str = "velocity-models";

/// Pairs that never depend on each other, in either direction, for any purpose.
const STRANGERS: [(&str, &str); 1] = [("kernel", "sim")];

/// What a manifest says of a member of the workspace.
#[derive(Clone, Debug, Default)]
pub struct Member {
    /// Package name.
    pub name: String,
    /// Folder, relative to the checkout.
    pub folder: String,
    /// Layer, 0 lowest.
    pub tier: i64,
    /// Whether unsafe code is allowed.
    pub allows_unsafe: bool,
    /// Folders inside the package that unsafe code is confined to; empty for anywhere.
    pub unsafe_in: Vec<String>,
    /// Edges inside the tier.
    pub peers: Vec<String>,
    /// Normal and build dependencies.
    pub dependencies: Vec<String>,
    /// Dependencies of tests, examples and benchmarks.
    pub dev_dependencies: Vec<String>,
}

/// Reads every package manifest among `files`; the workspace's own and those outside of it are left out.
#[must_use]
pub fn read_all(files: &[SourceFile]) -> (Vec<Member>, Vec<Finding>) {
    let (mut members, mut findings) = (Vec::new(), Vec::new());
    for file in files.iter().filter(|file| file.path.ends_with("/Cargo.toml")) {
        match file.text.parse::<Table>() {
            Err(error) => findings.push(finding(&file.path, "manifest", error.message().to_owned())),
            Ok(manifest) if manifest.contains_key("workspace") => {}
            Ok(manifest) => read(file, &manifest, &mut members, &mut findings),
        }
    }
    (members, findings)
}

fn read(file: &SourceFile, manifest: &Table, members: &mut Vec<Member>, findings: &mut Vec<Finding>) {
    let inherits = |table: &str| lookup(manifest, &[table, "workspace"]).and_then(Value::as_bool) == Some(true);
    if !inherits("lints") {
        findings.push(finding(&file.path, "lints", "add `[lints]` with `workspace = true`".to_owned()));
    }
    let text = |path: &[&str]| lookup(manifest, path).and_then(Value::as_str).map(str::to_owned);
    let metadata = |key: &str| lookup(manifest, &["package", "metadata", "velocity", key]);
    let (Some(tier), Some(allows_unsafe)) =
        (metadata("tier").and_then(Value::as_integer), metadata("unsafe").and_then(Value::as_bool))
    else {
        let what = "add `[package.metadata.velocity]` with `tier` and `unsafe`".to_owned();
        return findings.push(finding(&file.path, "metadata", what));
    };
    members.push(Member {
        name: text(&["package", "name"]).unwrap_or_default(),
        folder: file.path.trim_end_matches("/Cargo.toml").to_owned(),
        tier,
        allows_unsafe,
        unsafe_in: strings(metadata("unsafe-in")),
        peers: strings(metadata("peers")),
        dependencies: dependencies(manifest, &["dependencies", "build-dependencies"]),
        dev_dependencies: dependencies(manifest, &["dev-dependencies"]),
    });
}

fn lookup<'a>(table: &'a Table, path: &[&str]) -> Option<&'a Value> {
    let (last, folders) = path.split_last()?;
    folders.iter().try_fold(table, |table, key| table.get(*key)?.as_table())?.get(*last)
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Package names in the given sections, those for single targets included.
fn dependencies(manifest: &Table, sections: &[&str]) -> Vec<String> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let tables = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    let mut names = Vec::new();
    for table in std::iter::once(manifest).chain(tables) {
        for section in sections.iter().filter_map(|section| table.get(*section)?.as_table()) {
            names.extend(
                section
                    .iter()
                    .map(|(key, value)| value.get("package").and_then(Value::as_str).unwrap_or(key).to_owned()),
            );
        }
    }
    names
}

/// Edges that point the wrong way.
#[must_use]
pub fn edges(members: &[Member]) -> Vec<Finding> {
    let by_name: BTreeMap<&str, &Member> = members.iter().map(|member| (member.name.as_str(), member)).collect();
    let mut findings = Vec::new();
    for member in members {
        let mut complain =
            |what: String| findings.push(finding(&format!("{}/Cargo.toml", member.folder), "tier", what));
        let known =
            |names: &[String]| names.iter().filter_map(|name| by_name.get(name.as_str()).copied()).collect::<Vec<_>>();
        for other in known(&member.dependencies) {
            if let Some(what) = wrong_edge(member, other) {
                complain(what);
            }
        }
        for other in known(&member.dev_dependencies) {
            if other.tier > member.tier && other.name != MODELS {
                complain(format!("a dev-dependency may point up to {MODELS} only, not to {}", other.name));
            }
        }
        for other in known(&[member.dependencies.clone(), member.dev_dependencies.clone()].concat()) {
            let is_pair = |(a, b): &(&str, &str)| {
                (member.name == *a && other.name == *b) || (member.name == *b && other.name == *a)
            };
            if STRANGERS.iter().any(is_pair) {
                complain(format!("{} and {} never depend on each other", member.name, other.name));
            }
        }
        for peer in member.peers.iter().filter(|peer| !member.dependencies.contains(peer)) {
            complain(format!("`peers` names {peer}, which is no dependency: take it out"));
        }
    }
    findings
}

fn wrong_edge(from: &Member, to: &Member) -> Option<String> {
    let is_peer = from.peers.contains(&to.name);
    match from.tier.cmp(&to.tier) {
        std::cmp::Ordering::Greater => None,
        std::cmp::Ordering::Equal if is_peer => None,
        std::cmp::Ordering::Equal => Some(format!(
            "edge to {} inside tier {}: name it in `peers`, with the reason, or remove it",
            to.name, to.tier
        )),
        std::cmp::Ordering::Less => Some(format!(
            "edge from tier {} up to {} in tier {}: turn it round with a trait",
            from.tier, to.name, to.tier
        )),
    }
}

fn finding(path: &str, rule: &'static str, what: String) -> Finding {
    Finding { path: path.to_owned(), line: 0, rule, what }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(folder: &str, name: &str, tier: i64, rest: &str) -> SourceFile {
        let text = format!(
            "[package]\nname = \"{name}\"\n[package.metadata.velocity]\ntier = {tier}\nunsafe = false\n{rest}\n\
             [lints]\nworkspace = true\n"
        );
        SourceFile { path: format!("{folder}/Cargo.toml"), text }
    }

    fn whats(files: &[SourceFile]) -> Vec<String> {
        let (members, mut findings) = read_all(files);
        findings.extend(edges(&members));
        findings.into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn an_edge_down_is_right() {
        let files = [manifest("a", "a", 1, ""), manifest("b", "b", 2, "[dependencies]\na.workspace = true")];
        assert_eq!(whats(&files), Vec::<String>::new());
    }

    #[test]
    fn an_edge_up_is_caught_in_every_section() {
        for section in ["dependencies", "build-dependencies", "target.'cfg(unix)'.dependencies"] {
            let files = [manifest("a", "a", 1, &format!("[{section}]\nb = \"1\"")), manifest("b", "b", 2, "")];
            assert!(whats(&files)[0].contains("up to b"), "{section}");
        }
    }

    #[test]
    fn a_renamed_edge_up_is_caught() {
        let files = [manifest("a", "a", 1, "[dependencies]\nz = { package = \"b\" }"), manifest("b", "b", 2, "")];
        assert_eq!(whats(&files).len(), 1);
    }

    #[test]
    fn an_edge_inside_a_tier_must_be_listed() {
        let lower = manifest("a", "a", 2, "");
        let plain = manifest("b", "b", 2, "[dependencies]\na.workspace = true");
        assert!(whats(&[lower.clone(), plain])[0].contains("`peers`"));
        let listed = manifest("b", "b", 2, "peers = [\"a\"]\n[dependencies]\na.workspace = true");
        assert!(whats(&[lower, listed]).is_empty());
    }

    #[test]
    fn a_stale_peer_is_caught() {
        let files = [manifest("a", "a", 2, ""), manifest("b", "b", 2, "peers = [\"a\"]")];
        assert!(whats(&files)[0].contains("take it out"));
    }

    #[test]
    fn dev_dependencies_point_up_to_the_models_only() {
        let models = manifest("m", MODELS, 4, "");
        let good = manifest("a", "a", 2, &format!("[dev-dependencies]\n{MODELS}.workspace = true"));
        assert!(whats(&[models, good]).is_empty());
        let bad = [manifest("s", "s", 4, ""), manifest("a", "a", 2, "[dev-dependencies]\ns.workspace = true")];
        assert_eq!(whats(&bad).len(), 1);
    }

    #[test]
    fn kernel_and_simulator_stay_strangers_even_as_peers() {
        for section in ["dependencies", "dev-dependencies"] {
            let peers = if section == "dependencies" { "peers = [\"sim\"]\n" } else { "" };
            let kernel = manifest("k", "kernel", 5, &format!("{peers}[{section}]\nsim.workspace = true"));
            assert!(whats(&[kernel, manifest("s", "sim", 5, "")])[0].contains("never depend"), "{section}");
        }
    }

    #[test]
    fn missing_lints_and_metadata_are_caught() {
        let file = SourceFile { path: "a/Cargo.toml".to_owned(), text: "[package]\nname = \"a\"\n".to_owned() };
        let found = whats(&[file]);
        assert!(found[0].contains("[lints]") && found[1].contains("metadata.velocity"), "{found:?}");
    }

    #[test]
    fn a_manifest_that_does_not_parse_is_a_finding() {
        let file = SourceFile { path: "a/Cargo.toml".to_owned(), text: "[package".to_owned() };
        assert_eq!(whats(&[file]).len(), 1);
    }
}
