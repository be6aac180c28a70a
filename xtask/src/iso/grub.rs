//! The GRUB image: one medium for BIOS and UEFI, made by `grub-mkrescue`.
//!
//! Only the modules that iso/boot/grub/grub.cfg uses go onto the medium, without fonts, themes and translations: on
//! emulated firmware each file read costs.

use super::{Contents, LOADING, checked_append, copy_tree, place, stage, write};
use crate::{Result, process, tools, workspace::Workspace};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// What the configuration needs, and what the start-up script that `grub-mkrescue` writes asks for by name.
const MODULES: &str = "normal test iso9660 fat multiboot2 all_video video_fb boot configfile part_acorn part_amiga \
                       part_apple part_bsd part_dfly part_dvh part_gpt part_msdos part_plan part_sun part_sunpc \
                       serial terminal echo";

/// Geometry of the image's partition entry: 63 sectors a track, and its end at a cylinder's. A BIOS takes the geometry
/// of a disk from there, and GRUB reads at most a track at a time: with what the image's size happens to give, it may be eight
/// sectors.
const GEOMETRY: [&str; 6] = ["-partition_sec_hd", "63", "-partition_hd_cyl", "16", "-partition_cyl_align", "all"];

/// Makes `image` and gives its path.
///
/// # Errors
/// When a file cannot be copied, the command line cannot be carried, or `grub-mkrescue` fails.
pub fn make(workspace: &Workspace, contents: &Contents, image: &Path) -> Result<PathBuf> {
    let tree = stage(workspace, image)?;
    copy_tree(&workspace.root.join("iso"), &tree)?;
    let modules = place(contents, &tree)?;
    let mut append = append_cfg(checked_append(&contents.append)?, &modules);
    if contents.announce {
        append.push_str(&announce_cfg());
    }
    write(&tree.join("boot/append.cfg"), &append)?;
    let program = tools::GRUB_MKRESCUE.iter().find_map(|name| tools::find_program(name));
    let mut command = Command::new(program.unwrap_or_else(|| tools::GRUB_MKRESCUE[0].into()));
    command.args(["--locales=", "--fonts=", "--themes=", &format!("--install-modules={MODULES}"), "-o"]);
    command.arg(image).arg(&tree).args(GEOMETRY);
    process::capture(&mut command, "`cargo xtask doctor` shows whether GRUB, xorriso and mtools are complete")?;
    Ok(image.to_path_buf())
}

/// UEFI's console is on the serial port already; under BIOS GRUB has to be told.
fn announce_cfg() -> String {
    let port = "serial --unit=0 --speed=115200\n    terminal_output --append serial";
    format!("if [ \"$grub_platform\" = pc ]; then\n    {port}\nfi\necho {LOADING}\n")
}

pub(super) fn append_cfg(append: &str, modules: &[String]) -> String {
    format!("set append=\"{append}\"\nset modules=\"{}\"\n", modules.join(" "))
}
