//! Tensors' numbers, for kernels.

use candle_core::Tensor;

/// A contiguous tensor's numbers, for a kernel.
pub(super) fn with_floats<T>(
    tensor: &Tensor,
    read: impl FnOnce(&[f32]) -> candle_core::Result<T>,
) -> candle_core::Result<T> {
    let tensor = tensor.contiguous()?;
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        candle_core::Storage::Cpu(storage) => read(floats(storage, layout)?),
        _ => candle_core::bail!("training runs on the CPU"),
    }
}

/// The numbers of a contiguous operand.
pub(super) fn floats<'a>(
    storage: &'a candle_core::CpuStorage,
    layout: &candle_core::Layout,
) -> candle_core::Result<&'a [f32]> {
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&storage.as_slice::<f32>()?[start..end]),
        None => candle_core::bail!("an operand of a kernel is not contiguous"),
    }
}
