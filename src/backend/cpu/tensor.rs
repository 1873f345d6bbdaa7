//! Activations in tiles of sixteen columns. Products come so and norms and gates keep it, so that only queries, keys and
//! values are ever brought into rows.

use super::packed::TILE;

/// Activations `[rows, width]`.
#[derive(Clone, Debug)]
pub struct Tensor {
    /// Tokens.
    pub(super) rows: usize,
    /// Columns that count; what a last tile has beyond them doesn't.
    pub(super) width: usize,
    /// `[⌈width / 16⌉, rows, 16]`.
    pub(super) tiles: Vec<f32>,
}

impl Tensor {
    /// Zeros.
    pub(super) fn zeros(rows: usize, width: usize) -> Self {
        Self { rows, width, tiles: vec![0.0; width.div_ceil(TILE) * rows * TILE] }
    }

    /// A tensor from its rows.
    pub fn from_rows(width: usize, mut values: Vec<f32>) -> Self {
        let rows = values.len() / width;
        if rows == 1 {
            values.resize(width.next_multiple_of(TILE), 0.0);
            return Self { rows, width, tiles: values };
        }
        let mut tensor = Self::zeros(rows, width);
        for (index, tile) in tensor.tiles.chunks_exact_mut(rows * TILE).enumerate() {
            let columns = index * TILE..width.min((index + 1) * TILE);
            for (row, part) in values.chunks_exact(width).zip(tile.chunks_exact_mut(TILE)) {
                part[..columns.len()].copy_from_slice(&row[columns.clone()]);
            }
        }
        tensor
    }

    /// Its rows.
    pub(super) fn into_rows(mut self) -> Vec<f32> {
        if self.rows == 1 {
            self.tiles.truncate(self.width);
            return self.tiles;
        }
        let mut values = vec![0.0; self.rows * self.width];
        for (index, tile) in self.tiles.chunks_exact(self.rows * TILE).enumerate() {
            let columns = index * TILE..self.width.min((index + 1) * TILE);
            for (row, part) in values.chunks_exact_mut(self.width).zip(tile.chunks_exact(TILE)) {
                row[columns.clone()].copy_from_slice(&part[..columns.len()]);
            }
        }
        values
    }

    /// The last row alone.
    pub(super) fn last_row(mut self) -> Self {
        let mut at = 0;
        for last in (self.rows - 1..self.tiles.len() / TILE).step_by(self.rows) {
            self.tiles.copy_within(last * TILE..(last + 1) * TILE, at);
            at += TILE;
        }
        self.tiles.truncate(at);
        Self { rows: 1, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_and_the_last_one_alone() {
        for (rows, width) in [(1, 5), (1, 16), (3, 16), (2, 40), (4, 7)] {
            let values: Vec<f32> = (0..rows * width).map(|i| i as f32).collect();
            let tensor = Tensor::from_rows(width, values.clone());
            assert_eq!(tensor.clone().into_rows(), values);
            assert_eq!(tensor.last_row().into_rows(), values[(rows - 1) * width..]);
        }
    }
}
