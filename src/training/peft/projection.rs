//! The seven projections of a layer: what PEFT and GGUF call them, and how our stacked matrices hold them.
//!
//! GGUF stores the rows of llama's query and key projections in another order than Hugging Face: RoPE turns
//! neighbouring rows there, and rows half a head apart here. Row `2j + p` of a head in GGUF is row
//! `p · head / 2 + j` of it in Hugging Face (`permute` in llama.cpp's `convert_hf_to_gguf.py`).

use crate::gguf::Config;

/// A linear projection of a transformer block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Projection {
    /// Queries.
    Query,
    /// Keys.
    Key,
    /// Values.
    Value,
    /// From the heads back to the residual stream.
    Output,
    /// The gate of the feed-forward network.
    Gate,
    /// What the gate multiplies.
    Up,
    /// From the feed-forward network back to the residual stream.
    Down,
}

/// The stacked matrices of a layer and the projections that they hold, first rows first.
pub const STACKS: [(&str, &[Projection]); 4] = [
    ("qkv", &[Projection::Query, Projection::Key, Projection::Value]),
    ("attention_output", &[Projection::Output]),
    ("gate_up", &[Projection::Gate, Projection::Up]),
    ("down", &[Projection::Down]),
];

impl Projection {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Query, Self::Key, Self::Value, Self::Output, Self::Gate, Self::Up, Self::Down];

    /// Its module in a Hugging Face llama's layer.
    pub const fn module(self) -> &'static str {
        match self {
            Self::Query => "self_attn.q_proj",
            Self::Key => "self_attn.k_proj",
            Self::Value => "self_attn.v_proj",
            Self::Output => "self_attn.o_proj",
            Self::Gate => "mlp.gate_proj",
            Self::Up => "mlp.up_proj",
            Self::Down => "mlp.down_proj",
        }
    }

    /// Its tensor in layer `layer` of a GGUF file.
    pub fn tensor(self, layer: usize) -> String {
        let name = match self {
            Self::Query => "attn_q",
            Self::Key => "attn_k",
            Self::Value => "attn_v",
            Self::Output => "attn_output",
            Self::Gate => "ffn_gate",
            Self::Up => "ffn_up",
            Self::Down => "ffn_down",
        };
        format!("blk.{layer}.{name}.weight")
    }

    /// Outputs and inputs.
    pub const fn shape(self, config: &Config) -> (usize, usize) {
        let (d, f, k) = (config.hidden, config.feed_forward, config.kv_width());
        match self {
            Self::Query | Self::Output => (d, d),
            Self::Key | Self::Value => (k, d),
            Self::Gate | Self::Up => (f, d),
            Self::Down => (d, f),
        }
    }

    /// For each row in GGUF's order, the Hugging Face row that stands there.
    pub fn rows_in_gguf(self, config: &Config) -> Vec<u32> {
        let rows = self.shape(config).0;
        let head = config.head_size;
        let moved = |row: usize| {
            let (start, within) = (row / head * head, row % head);
            start + within % 2 * (head / 2) + within / 2
        };
        (0..rows).map(|row| if self.is_rotated() { moved(row) } else { row } as u32).collect()
    }

    /// For each row in Hugging Face's order, the GGUF row that stands there.
    pub fn rows_in_hugging_face(self, config: &Config) -> Vec<u32> {
        let order = self.rows_in_gguf(config);
        let mut inverse = vec![0; order.len()];
        (0..).zip(&order).for_each(|(gguf, &row)| inverse[row as usize] = gguf);
        inverse
    }

    const fn is_rotated(self) -> bool {
        matches!(self, Self::Query | Self::Key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config {
            layers: 1,
            hidden: 16,
            feed_forward: 32,
            heads: 2,
            kv_heads: 1,
            head_size: 8,
            vocabulary: 10,
            context: 16,
            rope_base: 1e4,
            rms_epsilon: 1e-5,
        }
    }

    #[test]
    fn rotated_rows_are_interleaved_head_by_head() {
        let order = Projection::Query.rows_in_gguf(&config());
        assert_eq!(order, [0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15]);
        let back = Projection::Query.rows_in_hugging_face(&config());
        assert_eq!(back, [0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15]);
        assert_eq!(Projection::Key.rows_in_gguf(&config()), [0, 4, 1, 5, 2, 6, 3, 7]);
    }

    #[test]
    fn other_rows_stay() {
        for projection in [Projection::Value, Projection::Output, Projection::Gate] {
            let rows = projection.shape(&config()).0 as u32;
            assert_eq!(projection.rows_in_gguf(&config()), (0..rows).collect::<Vec<_>>());
        }
    }
}
