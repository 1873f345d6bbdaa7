//! The kernels: their source, what it is specialised for, and what they are bound to.
//!
//! A kernel is one file under `kernels/`. Before it stand a few constants and, where it says so,
//! files that several kernels share.

use super::variant::{Teams, Variant};

/// Logits that one workgroup of `top_k.wgsl` looks through.
pub(super) const TOP_K_BLOCK: u32 = 2048;
/// Products and tokens of a tile of `matmul.wgsl`.
pub(super) const TILE: u32 = 32;

/// A kernel and what it is specialised for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kernel {
    Embed { bits: u32 },
    RmsNorm,
    Matvec { bits: u32, epilogue: Epilogue },
    Matmul { bits: u32, epilogue: Epilogue },
    Gate,
    RotateAppend,
    Attention { head_size: u32 },
    TopK { merge: bool },
}

/// What becomes of a product's results; the numbers are those of `product.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Epilogue {
    Store = 0,
    Add = 1,
    SwiGlu = 2,
    Mask = 3,
}

/// How a kernel uses the storage buffers that it is bound to, in the order of its bindings from 1 on.
pub(super) type Access = &'static [wgpu::BufferBindingType];

const READ: wgpu::BufferBindingType = wgpu::BufferBindingType::Storage { read_only: true };
const WRITE: wgpu::BufferBindingType = wgpu::BufferBindingType::Storage { read_only: false };

impl Kernel {
    pub const fn access(self) -> Access {
        match self {
            Self::Embed { .. } => &[READ, READ, READ, WRITE],
            Self::RmsNorm | Self::Attention { .. } => &[READ, READ, WRITE],
            Self::Matvec { .. } | Self::Matmul { .. } => &[READ, READ, READ, READ, WRITE],
            Self::RotateAppend => &[READ, WRITE, WRITE],
            Self::Gate | Self::TopK { .. } => &[READ, WRITE],
        }
    }

    /// The whole text of the kernel for `variant`.
    pub fn source(self, variant: Variant) -> String {
        const WEIGHTS: &str = include_str!("kernels/weights.wgsl");
        const PRODUCT: &str = include_str!("kernels/product.wgsl");
        let Teams { lanes, teams } = self.teams(variant);
        let team_sum = match (variant, self) {
            (Variant::Software, _) => include_str!("kernels/sum_alone.wgsl"),
            (Variant::Subgroups, Self::Matvec { .. }) => include_str!("kernels/sum_subgroups.wgsl"),
            _ => include_str!("kernels/sum_tree.wgsl"),
        };
        let (constants, parts): (Vec<(&str, u32)>, Vec<&str>) = match self {
            Self::Embed { bits } => {
                (vec![("BITS", bits)], vec![WEIGHTS, include_str!("kernels/embed.wgsl")])
            }
            Self::RmsNorm => (vec![], vec![team_sum, include_str!("kernels/rms_norm.wgsl")]),
            Self::Matvec { bits, epilogue } if variant == Variant::Software => (
                vec![("BITS", bits), ("EPILOGUE", epilogue as u32), ("ROWS", variant.products())],
                vec![WEIGHTS, PRODUCT, include_str!("kernels/matvec_alone.wgsl")],
            ),
            Self::Matvec { bits, epilogue } => (
                vec![("BITS", bits), ("EPILOGUE", epilogue as u32)],
                vec![WEIGHTS, PRODUCT, team_sum, include_str!("kernels/matvec.wgsl")],
            ),
            Self::Matmul { bits, epilogue } => (
                vec![("BITS", bits), ("EPILOGUE", epilogue as u32)],
                vec![WEIGHTS, PRODUCT, include_str!("kernels/matmul.wgsl")],
            ),
            Self::Gate => (vec![], vec![include_str!("kernels/gate.wgsl")]),
            Self::RotateAppend => (vec![], vec![include_str!("kernels/rotate_append.wgsl")]),
            Self::Attention { head_size } => {
                (vec![("HEAD_SIZE", head_size)], vec![include_str!("kernels/attention.wgsl")])
            }
            Self::TopK { merge } => (
                vec![("MERGE", merge.into()), ("BLOCK", TOP_K_BLOCK)],
                vec![include_str!("kernels/top_k.wgsl")],
            ),
        };
        // Browsers want the extension named, and naga, which is behind native devices, refuses its name.
        let enable = match variant {
            Variant::Subgroups if cfg!(target_arch = "wasm32") => "enable subgroups;\n",
            _ => "",
        };
        let constants: String = constants
            .into_iter()
            .chain([("LANES", lanes), ("TEAMS", teams)])
            .map(|(name, value)| format!("const {name}: u32 = {value}u;\n"))
            .collect();
        format!("{enable}{constants}\n{}", parts.join("\n"))
    }

    /// The shape of the workgroups, for kernels that leave it to the variant.
    pub const fn teams(self, variant: Variant) -> Teams {
        match self {
            Self::Matvec { .. } => variant.matvec(),
            Self::TopK { .. } => variant.top_k(),
            _ => variant.rows(),
        }
    }
}
