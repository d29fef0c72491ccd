//! A disk in memory that can be slow, fail, and lose power: then it has what was synced, and of the rest what it likes.

use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind};
use std::sync::{Arc, Condvar, Mutex};

use redb::StorageBackend;

/// What a disk writes at once: the rest of a larger piece may get lost.
const SECTOR: usize = 512;

#[derive(Debug, Clone, Default)]
pub(crate) struct Disk {
    state: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Debug, Default)]
struct State {
    /// What is read.
    octets: Vec<u8>,
    /// What nothing can take away.
    synced: Vec<u8>,
    since: Vec<Write>,
    syncs: usize,
    is_blocked: bool,
    fails: bool,
}

#[derive(Debug)]
enum Write {
    At(usize, Vec<u8>),
    Length(usize),
}

fn apply(write: &Write, octets: &mut Vec<u8>) {
    match write {
        Write::At(place, piece) => {
            let end = place + piece.len();
            if octets.len() < end {
                octets.resize(end, 0);
            }
            octets[*place..end].copy_from_slice(piece);
        }
        Write::Length(length) => octets.resize(*length, 0),
    }
}

fn coin() -> bool {
    RandomState::new().hash_one(0).is_multiple_of(2)
}

impl Disk {
    /// A disk that holds this already.
    pub(crate) fn with(octets: &[u8]) -> Self {
        let disk = Self::default();
        let mut state = disk.state.0.lock().unwrap();
        state.octets = octets.to_vec();
        state.synced = octets.to_vec();
        drop(state);
        disk
    }

    /// What is left if the power goes now: all that was synced, and any part of what was written since.
    pub(crate) fn after_power_loss(&self) -> Self {
        let state = self.state.0.lock().unwrap();
        let mut octets = state.synced.clone();
        for write in &state.since {
            match write {
                Write::At(place, piece) => {
                    for (number, sector) in piece.chunks(SECTOR).enumerate() {
                        if coin() {
                            apply(&Write::At(place + number * SECTOR, sector.to_vec()), &mut octets);
                        }
                    }
                }
                Write::Length(_) if coin() => {}
                Write::Length(_) => apply(write, &mut octets),
            }
        }
        Self::with(&octets)
    }

    /// From now on a sync takes until the disk is unblocked.
    pub(crate) fn block(&self) {
        self.state.0.lock().unwrap().is_blocked = true;
    }

    pub(crate) fn unblock(&self) {
        self.state.0.lock().unwrap().is_blocked = false;
        self.state.1.notify_all();
    }

    /// From now on nothing can be written.
    pub(crate) fn fail(&self) {
        self.state.0.lock().unwrap().fails = true;
    }

    pub(crate) fn syncs(&self) -> usize {
        self.state.0.lock().unwrap().syncs
    }

    /// Waits for so many more.
    pub(crate) fn wait_for_syncs(&self, count: usize) {
        let (state, changed) = &*self.state;
        let state = state.lock().unwrap();
        let last = state.syncs + count;
        drop(changed.wait_while(state, |state| state.syncs < last).unwrap());
    }

    fn write(&self, write: Write) -> io::Result<()> {
        let mut state = self.state.0.lock().unwrap();
        if state.fails {
            return Err(ErrorKind::StorageFull.into());
        }
        apply(&write, &mut state.octets);
        state.since.push(write);
        Ok(())
    }
}

fn place(offset: u64) -> usize {
    usize::try_from(offset).unwrap()
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state.0.lock().unwrap().octets.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.state.0.lock().unwrap();
        let found = state.octets.get(place(offset)..place(offset) + out.len());
        out.copy_from_slice(found.ok_or(ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.write(Write::Length(place(len)))
    }

    fn sync_data(&self) -> io::Result<()> {
        let (state, changed) = &*self.state;
        let state = state.lock().unwrap();
        let mut state = changed.wait_while(state, |state| state.is_blocked).unwrap();
        if state.fails {
            return Err(ErrorKind::StorageFull.into());
        }
        let mut synced = std::mem::take(&mut state.synced);
        for write in state.since.drain(..) {
            apply(&write, &mut synced);
        }
        state.synced = synced;
        state.syncs += 1;
        changed.notify_all();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        Self::write(self, Write::At(place(offset), data.to_vec()))
    }
}
