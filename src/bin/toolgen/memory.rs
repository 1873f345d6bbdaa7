//! How the process keeps memory.

/// A step allocates and frees gigabytes of tensors; without this each one comes from the system page by
/// page, which halves the speed. To be called before any thread is started.
pub fn keep_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: these calls set the allocator's parameters, and `main` calls it before any thread runs.
    unsafe {
        libc::mallopt(libc::M_MMAP_MAX, 0);
        libc::mallopt(libc::M_TRIM_THRESHOLD, -1);
        libc::mallopt(libc::M_TOP_PAD, 256 << 20);
    }
}
