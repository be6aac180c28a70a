//! Register offsets and fields (section 3.1).

pub(super) const CAP: u64 = 0x00;
pub(super) const VS: u64 = 0x08;
pub(super) const INTMS: u64 = 0x0c;
pub(super) const INTMC: u64 = 0x10;
pub(super) const CC: u64 = 0x14;
pub(super) const AQA: u64 = 0x24;
pub(super) const ASQ: u64 = 0x28;
pub(super) const ACQ: u64 = 0x30;
pub(super) const DOORBELLS: u64 = 0x1000;

/// VS: specification 1.4.
pub(super) const VERSION: u32 = 1 << 16 | 4 << 8;

/// CC.EN.
pub(super) const CC_ENABLE: u32 = 1;
/// CC.CSS, CC.MPS, CC.AMS, CC.IOSQES and CC.IOCQES.
pub(super) const CC_SETTINGS: u32 = 0x00ff_3ff0;
/// The only settings this device works with: NVM commands, 4 KiB pages, round robin, 64- and 16-byte entries.
pub(super) const CC_GOOD_SETTINGS: u32 = 4 << 20 | 6 << 16;
/// CC.SHN.
pub(super) const CC_SHUTDOWN: u32 = 3 << 14;

/// CSTS.RDY.
pub(super) const CSTS_READY: u32 = 1;
/// CSTS.CFS.
pub(super) const CSTS_FATAL: u32 = 1 << 1;
/// CSTS.SHST = 10b.
pub(super) const CSTS_SHUT_DOWN: u32 = 2 << 2;

/// The registers that a driver sets.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Registers {
    pub(super) interrupt_mask: u32,
    pub(super) configuration: u32,
    pub(super) status: u32,
    pub(super) admin_attributes: u32,
    pub(super) admin_submission: u64,
    pub(super) admin_completion: u64,
}
