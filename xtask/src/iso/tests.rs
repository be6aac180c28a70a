//! What is written into the boot loaders' configurations.

use super::{Contents, checked_append, grub::append_cfg, limine};
use std::{fs, path::Path};

const CONF: &str = "timeout: 0\ndefault_entry: 1\n\n/A\n    kernel_path: boot():/k\n\n/B\n    image_path: boot():/e\n";

fn contents(append: &str, entry: u32) -> Contents {
    Contents { append: append.to_owned(), limine_entry: entry, ..Contents::of(Path::new("kernel")) }
}

#[test]
fn limine_gets_command_line_modules_and_default_entry() {
    let text = limine::configure(CONF, &contents("fault=divide", 2), &["/boot/modules/m".to_owned()]).unwrap();
    assert!(text.contains("default_entry: 2\n"), "{text}");
    let lines = "    kernel_path: boot():/k\n    cmdline: fault=divide\n    module_path: boot():/boot/modules/m\n";
    assert!(text.contains(lines), "{text}");
    assert!(!text.contains("image_path: boot():/e\n    cmdline"), "a chain-loaded program takes no command line");
}

#[test]
fn limine_conf_is_unchanged_without_wishes() {
    assert_eq!(limine::configure(CONF, &contents("", 1), &[]).unwrap(), CONF);
}

#[test]
fn an_entry_that_is_not_there_is_refused() {
    let error = limine::configure(CONF, &contents("", 3), &[]).unwrap_err().to_string();
    assert!(error.contains("choose 1 to 2"), "{error}");
}

#[test]
fn characters_that_a_boot_loader_would_interpret_are_refused() {
    for bad in ["a\"b", "a\nb", "$root", "a;b", "a{b}", "#"] {
        assert!(checked_append(bad).is_err(), "{bad:?} passed");
    }
    assert_eq!(checked_append("fault=null-jump a=1,2").unwrap(), "fault=null-jump a=1,2");
}

#[test]
fn grub_gets_command_line_and_modules() {
    let text = append_cfg("x=1", &["/boot/modules/a".to_owned(), "/boot/modules/b".to_owned()]);
    assert_eq!(text, "set append=\"x=1\"\nset modules=\"/boot/modules/a /boot/modules/b\"\n");
}

#[test]
fn limine_counts_as_found_only_when_complete() {
    let folder = std::env::temp_dir().join(format!("velocity-limine-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    for name in limine::FILES {
        assert!(limine::find_in(&folder).is_none(), "complete before {name}");
        fs::write(folder.join(name), b"x").unwrap();
    }
    assert_eq!(limine::find_in(&folder).unwrap().folder, folder);
    fs::remove_dir_all(folder).unwrap();
}
