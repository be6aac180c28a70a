//! The images of fixtures/disks, whose tables were written by another program (edit.py) from the same specification and
//! agree with what util-linux and GRUB see.

use crate::memory_disk::MemoryDisk;
use velocity_base::Lba;
use velocity_partition::{HeaderFault, LinkFault, PartitionError, Scheme, Table, Warning, scan};

fn table(name: &str, block_bytes: u32) -> Table {
    scan(&mut MemoryDisk::fixture(name, block_bytes)).unwrap()
}

fn listed(table: &Table) -> Vec<(u32, u64, u64, &str, &str)> {
    let partitions = table.partitions.iter();
    partitions.map(|p| (p.number, p.first.0, p.blocks, p.kind.name(), p.name.as_str())).collect()
}

#[test]
fn gpt_images() {
    let gpt = table("gpt", 512);
    assert_eq!((gpt.scheme, gpt.warnings.len()), (Scheme::Gpt, 0));
    assert_eq!(
        listed(&gpt),
        [
            (1, 64, 128, "Linux filesystem", "not a FAT"),
            (2, 192, 72_064, "basic data", "données 🦀"),
            (3, 72_256, 1435, "EFI system", "EFI"),
        ]
    );
    let default = table("default", 512);
    assert_eq!(
        listed(&default),
        [(1, 2048, 72_064, "basic data", "VELOCITY"), (2, 75_776, 8192, "VELOCITY ledger", "LEDGER")]
    );
    let blocks_4k = table("gpt-4k", 4096);
    assert_eq!((blocks_4k.scheme, blocks_4k.partitions[0].first), (Scheme::Gpt, Lba(256)));
}

#[test]
fn mbr_images() {
    let mbr = table("mbr", 512);
    assert_eq!((mbr.scheme, mbr.warnings.len()), (Scheme::Mbr, 0));
    assert_eq!(
        listed(&mbr),
        [(1, 64, 72_064, "FAT32", ""), (5, 72_192, 128, "Linux filesystem", ""), (6, 72_384, 1436, "FAT32", ""),]
    );
    let looped = table("mbr-loop", 512);
    assert_eq!(looped.partitions.iter().map(|p| p.number).collect::<Vec<_>>(), [1, 5, 6]);
    assert_eq!(looped.warnings, [Warning::BrokenChain { at: Lba(1536), fault: LinkFault::Loop }]);
}

#[test]
fn volumes_without_a_table() {
    for name in ["unpartitioned", "cluster-32k", "fat12", "fat16", "exfat", "ntfs", "bpb-cluster-zero", "backup-boot"] {
        let mut disk = MemoryDisk::fixture(name, 512);
        let table = scan(&mut disk).unwrap();
        assert_eq!((table.scheme, table.partitions.len()), (Scheme::None, 1), "{name}");
        assert_eq!(table.partitions[0].blocks, disk.bytes.len() as u64 / 512);
    }
}

#[test]
fn damaged_gpt_images() {
    let backup = table("gpt-backup", 512);
    assert_eq!(backup.warnings, [Warning::BackupGptUsed(HeaderFault::HeaderCrc)]);
    assert_eq!(listed(&backup), [(1, 64, 1435, "basic data", "from the backup")]);
    let error = |name| scan(&mut MemoryDisk::fixture(name, 512)).unwrap_err();
    let damaged = |primary, backup| PartitionError::GptDamaged { primary, backup };
    assert_eq!(error("gpt-crc"), damaged(HeaderFault::HeaderCrc, HeaderFault::HeaderCrc));
    assert_eq!(error("gpt-truncated"), damaged(HeaderFault::UsableRange, HeaderFault::NoSignature));
}
