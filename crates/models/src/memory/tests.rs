//! Sharing, faults and accounting of guest memory.

use super::*;

#[test]
fn driver_and_device_see_the_same_bytes() {
    let memory = GuestMemory::new(1 << 20);
    let mut region = memory.allocate(5000).unwrap();
    assert_eq!(region.len(), 8192);
    assert!(region.device_address().0 > u64::from(u32::MAX));
    region.store32(4096, 0x1234_5678);
    let at = region.device_address().checked_add(4096).unwrap();
    memory.with_bytes_mut(at, 4, |bytes| bytes.reverse()).unwrap();
    assert_eq!(region.load32(4096), 0x7856_3412);
}

#[test]
fn device_accesses_outside_live_regions_fault() {
    let memory = GuestMemory::new(1 << 20);
    let first = memory.allocate(4096).unwrap();
    let second = memory.allocate(4096).unwrap();
    let (low, high) = (first.device_address(), second.device_address());
    assert!(low.0 < high.0);
    let mut word = [0; 8];
    for address in
        [PhysAddr(0), PhysAddr(u64::MAX), PhysAddr(low.0 + 4092), PhysAddr(low.0 + 4096), PhysAddr(low.0 - 1)]
    {
        assert_eq!(memory.read(address, &mut word), Err(MemoryFault { address, len: 8 }));
    }
    assert!(memory.with_bytes(low, usize::MAX, |_| ()).is_err());
    drop(first);
    assert!(memory.read(low, &mut word).is_err(), "freed memory is unmapped");
    assert!(memory.read(high, &mut word).is_ok());
}

#[test]
fn freed_memory_is_reused_and_zeroed() {
    let memory = GuestMemory::new(8192);
    let mut region = memory.allocate(1).unwrap();
    region.write(0, &[7; 4096]);
    let (base, keep) = (region.device_address(), memory.allocate(4096).unwrap());
    assert_eq!(memory.in_use(), 8192);
    assert_eq!(memory.allocate(1).err(), Some(DmaError::OutOfMemory { bytes: 1 }));
    assert_eq!(memory.allocate(0).err(), Some(DmaError::Empty));
    assert_eq!(memory.allocate(usize::MAX).err(), Some(DmaError::OutOfMemory { bytes: usize::MAX }));
    drop(region);
    let again = memory.allocate(4096).unwrap();
    assert_eq!((again.device_address(), again.load32(0)), (base, 0));
    drop((again, keep));
    assert_eq!(memory.in_use(), 0);
}

#[test]
#[should_panic(expected = "misaligned")]
fn a_driver_that_misaligns_an_access_panics() {
    GuestMemory::new(4096).allocate(1).unwrap().load32(2);
}

#[test]
#[should_panic(expected = "driver error: 8 bytes at 0xffc of a region of 0x1000")]
fn a_driver_that_overruns_its_region_panics() {
    let memory = GuestMemory::new(1 << 20);
    let first = memory.allocate(4096).unwrap();
    first.read(0xffc, &mut [0; 8]);
}
