//! Threads that help with one piece of work at a time: a page's workers, over shared memory.
//!
//! Work is cut into chunks, which whoever is free claims. Products follow each other within microseconds, so a helper
//! looks on for the next for a while, and then sleeps until it is woken: an idle page costs nothing.

use std::cell::UnsafeCell;
use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

/// How often a helper looks for work before it sleeps: longer than what a token computes between two products.
const LOOKS: usize = 20_000;

/// What is done with a chunk, by its index.
type Work = dyn Fn(usize) + Sync;

/// Threads that help with what another one gives.
pub struct Pool {
    /// Held by the thread that gives work, which alone writes `work`.
    turn: Mutex<()>,
    /// Valid from before its chunks are there to be claimed until the last one is finished.
    work: UnsafeCell<Option<*const Work>>,
    unclaimed: AtomicUsize,
    unfinished: AtomicUsize,
    helpers: AtomicUsize,
    failed: AtomicBool,
    asleep: AtomicUsize,
    sleep: Mutex<()>,
    wake: Condvar,
}

// SAFETY: `work` is written by the holder of `turn`, while no chunk is unclaimed or unfinished; other threads read it
// between claiming a chunk and finishing it.
unsafe impl Sync for Pool {}
// SAFETY: as above; the pointer leads to what every thread may call.
unsafe impl Send for Pool {}

impl Pool {
    /// Without helpers, who come by [`help`](Self::help).
    pub const fn new() -> Self {
        Self {
            turn: Mutex::new(()),
            work: UnsafeCell::new(None),
            unclaimed: AtomicUsize::new(0),
            unfinished: AtomicUsize::new(0),
            helpers: AtomicUsize::new(0),
            failed: AtomicBool::new(false),
            asleep: AtomicUsize::new(0),
            sleep: Mutex::new(()),
            wake: Condvar::new(),
        }
    }

    /// How many threads help.
    pub fn helpers(&self) -> usize {
        self.helpers.load(Ordering::Relaxed)
    }

    /// Calls `work` with each index below `chunks`, on this thread and those that help; all are done on return.
    pub fn run(&self, chunks: usize, work: &(dyn Fn(usize) + Sync)) {
        let turn = self.turn.try_lock();
        if turn.is_err() || self.helpers() == 0 {
            return (0..chunks).for_each(work);
        }
        // SAFETY: the lifetime alone changes, and this function doesn't return while the pointer may be followed.
        let work =
            unsafe { std::mem::transmute::<*const (dyn Fn(usize) + Sync + '_), *const Work>(work) };
        // SAFETY: it is this thread's turn, and the work before is finished: no one else looks.
        unsafe { *self.work.get() = Some(work) };
        self.unfinished.store(chunks, Ordering::Relaxed);
        self.unclaimed.store(chunks, Ordering::SeqCst);
        if self.asleep.load(Ordering::SeqCst) > 0 {
            // Whoever counts as asleep has let go of the lock, and hears this.
            drop(self.sleep.lock().unwrap_or_else(PoisonError::into_inner));
            self.wake.notify_all();
        }
        while self.do_a_chunk() {}
        while self.unfinished.load(Ordering::Acquire) > 0 {
            if self.failed.load(Ordering::Relaxed) {
                std::process::abort(); // it may have been at a chunk, which now stays unfinished
            }
            spin_loop();
        }
    }

    /// Helps for ever.
    pub fn help(&self) -> ! {
        self.helpers.fetch_add(1, Ordering::Relaxed);
        loop {
            let mut looks = 0;
            while looks < LOOKS {
                looks = if self.do_a_chunk() { 0 } else { looks + 1 };
                spin_loop();
            }
            self.sleep_until_there_is_work();
        }
    }

    /// Says that a thread that helped is gone, so that no one waits for it: the next work ends the program.
    #[cfg(target_arch = "wasm32")]
    pub fn fail(&self) {
        self.failed.store(true, Ordering::Relaxed);
    }

    /// Whether there was one.
    fn do_a_chunk(&self) -> bool {
        let less = |unclaimed: usize| unclaimed.checked_sub(1);
        let claim = self.unclaimed.fetch_update(Ordering::AcqRel, Ordering::Acquire, less);
        let Ok(unclaimed) = claim else { return false };
        // A panic would end the work while others are at it.
        let abort = AbortOnDrop;
        // SAFETY: it was there before its chunks were, and stays until this one is finished.
        let work = unsafe { (*self.work.get()).map(|work| &*work) };
        work.expect("work comes before its chunks")(unclaimed - 1);
        std::mem::forget(abort);
        self.unfinished.fetch_sub(1, Ordering::Release);
        true
    }

    fn sleep_until_there_is_work(&self) {
        let mut lock = self.sleep.lock().unwrap_or_else(PoisonError::into_inner);
        self.asleep.fetch_add(1, Ordering::SeqCst);
        while self.unclaimed.load(Ordering::SeqCst) == 0 {
            lock = self.wake.wait(lock).unwrap_or_else(PoisonError::into_inner);
        }
        self.asleep.fetch_sub(1, Ordering::SeqCst);
    }
}

struct AbortOnDrop;

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        std::process::abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;
    use std::time::Duration;

    fn with_helpers(count: usize) -> &'static Pool {
        let pool: &'static Pool = Box::leak(Box::new(Pool::new()));
        for _ in 0..count {
            thread::spawn(|| pool.help());
        }
        while pool.helpers() < count {
            thread::yield_now();
        }
        pool
    }

    #[test]
    fn every_chunk_is_done_once_before_the_next_work() {
        let pool = with_helpers(3);
        for round in 0..3000 {
            let done: Vec<AtomicUsize> = (0..round % 40).map(|_| AtomicUsize::new(0)).collect();
            pool.run(done.len(), &|index| {
                done[index].fetch_add(1, Ordering::Relaxed);
            });
            assert!(done.iter().all(|done| done.load(Ordering::Relaxed) == 1), "round {round}");
        }
    }

    #[test]
    fn helpers_sleep_and_wake() {
        let pool = with_helpers(2);
        for _ in 0..5 {
            while pool.asleep.load(Ordering::SeqCst) < 2 {
                thread::sleep(Duration::from_millis(1));
            }
            // More than one thread is needed: each waits for another one.
            let inside = AtomicUsize::new(0);
            pool.run(2, &|_| {
                inside.fetch_add(1, Ordering::SeqCst);
                while inside.load(Ordering::SeqCst) < 2 {
                    thread::yield_now();
                }
            });
        }
    }

    #[test]
    fn alone_and_within_its_own_work_it_goes_on() {
        let sum = AtomicUsize::new(0);
        let add = |index: usize| {
            sum.fetch_add(index, Ordering::Relaxed);
        };
        Pool::new().run(4, &add);
        let pool = with_helpers(1);
        pool.run(1, &|_| pool.run(4, &add));
        assert_eq!(sum.load(Ordering::Relaxed), 12);
    }
}
