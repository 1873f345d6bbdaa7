//! How kernels share their work, chosen once for a device.

/// Lanes of a product's team, for which a device's subgroups must have room.
pub(super) const TEAM: u32 = 8;

/// A way of adding up what several invocations found. All variants give the same results but for rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// Trees in workgroup memory: what every device can do.
    Workgroup,
    /// Subgroup operations, where the device has them.
    Subgroups,
    /// One invocation a sum. Software adapters run reductions in workgroup memory 20 times slower.
    Software,
}

/// The shape of a workgroup: teams of lanes. A team works on one result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Teams {
    /// Invocations of a team, a power of two.
    pub lanes: u32,
    /// Teams of a workgroup.
    pub teams: u32,
}

impl Variant {
    /// For products with few tokens.
    pub(super) const fn matvec(self) -> Teams {
        match self {
            Self::Workgroup | Self::Subgroups => Teams { lanes: TEAM, teams: 16 },
            Self::Software => Teams { lanes: 1, teams: 4 },
        }
    }

    /// Products of a team. One invocation alone saves by many that share a load of activations.
    pub(super) const fn products(self) -> u32 {
        match self {
            Self::Workgroup | Self::Subgroups => 4,
            Self::Software => 16,
        }
    }

    /// For norms and attention, where there are few results of much work each.
    pub(super) const fn rows(self) -> Teams {
        match self {
            Self::Workgroup | Self::Subgroups => Teams { lanes: 64, teams: 1 },
            Self::Software => Teams { lanes: 1, teams: 4 },
        }
    }

    /// For the search for the best logits of a block.
    pub(super) const fn top_k(self) -> Teams {
        match self {
            Self::Workgroup | Self::Subgroups => Teams { lanes: 256, teams: 1 },
            Self::Software => Teams { lanes: 16, teams: 1 },
        }
    }
}
