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
    RmsNormUpdate,
    Matvec(Product),
    Matmul(Product),
    Gate,
    RotateAppend,
    Attention { head_size: u32 },
    TopK { merge: bool },
}

/// A product of weights of `bits` bits, and of their update of rank `rank`; without one it is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Product {
    pub bits: u32,
    pub epilogue: Epilogue,
    pub rank: u32,
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

const WEIGHTS: &str = include_str!("kernels/weights.wgsl");
const READ: wgpu::BufferBindingType = wgpu::BufferBindingType::Storage { read_only: true };
const WRITE: wgpu::BufferBindingType = wgpu::BufferBindingType::Storage { read_only: false };

impl Kernel {
    pub const fn access(self) -> Access {
        match self {
            Self::Embed { .. } => &[READ, READ, READ, WRITE],
            Self::RmsNorm | Self::Attention { .. } => &[READ, READ, WRITE],
            Self::RmsNormUpdate => &[READ, READ, READ, READ, WRITE, WRITE],
            Self::Matvec(Product { rank: 0, .. }) | Self::Matmul(Product { rank: 0, .. }) => {
                &[READ, READ, READ, READ, WRITE]
            }
            Self::Matvec(_) | Self::Matmul(_) => &[READ, READ, READ, READ, WRITE, READ, READ, READ],
            Self::RotateAppend => &[READ, WRITE, WRITE],
            Self::Gate | Self::TopK { .. } => &[READ, WRITE],
        }
    }

    /// The whole text of the kernel for `variant`.
    pub fn source(self, variant: Variant) -> String {
        let Teams { lanes, teams } = self.teams(variant);
        let team_sum = match (variant, self) {
            (Variant::Software, _) => include_str!("kernels/sum_alone.wgsl"),
            (Variant::Subgroups, Self::Matvec(_)) => include_str!("kernels/sum_subgroups.wgsl"),
            _ => include_str!("kernels/sum_tree.wgsl"),
        };
        let (constants, parts): (Vec<(&str, u32)>, Vec<&str>) = match self {
            Self::Embed { bits } => {
                (vec![("BITS", bits)], vec![WEIGHTS, include_str!("kernels/embed.wgsl")])
            }
            Self::RmsNorm => (vec![], vec![team_sum, include_str!("kernels/rms_norm.wgsl")]),
            Self::RmsNormUpdate => (
                vec![("BITS", 8)],
                vec![WEIGHTS, team_sum, include_str!("kernels/rms_norm_update.wgsl")],
            ),
            Self::Matvec(product) if variant == Variant::Software => (
                [product.constants(), vec![("ROWS", variant.products())]].concat(),
                [product.parts(), vec![include_str!("kernels/matvec_alone.wgsl")]].concat(),
            ),
            Self::Matvec(product) => (
                product.constants(),
                [product.parts(), vec![team_sum, include_str!("kernels/matvec.wgsl")]].concat(),
            ),
            Self::Matmul(product) => (
                product.constants(),
                [product.parts(), vec![include_str!("kernels/matmul.wgsl")]].concat(),
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
            Self::Matvec(_) => variant.matvec(),
            Self::TopK { .. } => variant.top_k(),
            _ => variant.rows(),
        }
    }
}

impl Product {
    fn constants(self) -> Vec<(&'static str, u32)> {
        vec![("BITS", self.bits), ("EPILOGUE", self.epilogue as u32), ("RANK", self.rank)]
    }

    /// What stands before the kernel.
    fn parts(self) -> Vec<&'static str> {
        let update = match self.rank {
            0 => include_str!("kernels/no_update.wgsl"),
            _ => include_str!("kernels/update.wgsl"),
        };
        vec![WEIGHTS, include_str!("kernels/product.wgsl"), update]
    }
}
