//! How kernels share their work, chosen once for a device.

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
    /// WGSL's `team_sum`, which is the variants' whole difference.
    pub(super) const fn team_sum(self) -> &'static str {
        match self {
            Self::Workgroup => include_str!("kernels/sum_tree.wgsl"),
            Self::Subgroups => include_str!("kernels/sum_subgroups.wgsl"),
            Self::Software => include_str!("kernels/sum_alone.wgsl"),
        }
    }

    /// For products with few tokens.
    pub(super) const fn matvec(self) -> Teams {
        match self {
            Self::Workgroup => Teams { lanes: 32, teams: 4 },
            Self::Subgroups => Teams { lanes: 64, teams: 1 },
            Self::Software => Teams { lanes: 1, teams: 16 },
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
