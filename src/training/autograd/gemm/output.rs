//! Where a product is written.

/// Where a tile of `C` goes: its first element, and how far apart rows are.
#[derive(Clone, Copy)]
pub struct Output {
    pub start: *mut f32,
    pub stride: usize,
}

impl Output {
    /// # Safety
    /// `C` must have the row.
    pub unsafe fn row(self, row: usize) -> Self {
        // SAFETY: guaranteed by the caller.
        Self { start: unsafe { self.start.add(row * self.stride) }, ..self }
    }

    /// # Safety
    /// `C` must have the column.
    pub unsafe fn column(self, column: usize) -> Self {
        // SAFETY: guaranteed by the caller.
        Self { start: unsafe { self.start.add(column) }, ..self }
    }
}

// SAFETY: threads that share an `Output` write disjoint columns of it (`Panels::multiply_add`).
unsafe impl Send for Output {}
// SAFETY: as above.
unsafe impl Sync for Output {}
