//! The self-test that a page offers passes on a sound device.

use std::cell::Cell;

use pollster::block_on;
use toolgen::backend::Backend;
use toolgen::backend::wgpu::{Variant, Wgpu};
use toolgen::self_test::{Outcome, cases};

/// All cases, each measured by a single run: by this clock everything takes a second.
fn run<B: Backend>(backend: &B) -> Vec<Outcome> {
    let clock = Cell::new(0.0);
    let now = || clock.replace(clock.get() + 1000.0);
    cases().iter().map(|case| block_on(case.run(backend, now)).unwrap()).collect()
}

#[test]
fn every_kernel_is_right_on_the_gpu() {
    for variant in [Variant::Workgroup, Variant::Subgroups, Variant::Software] {
        for outcome in run(&block_on(Wgpu::with_variant(variant)).unwrap()) {
            eprintln!("{variant:?}: {outcome:?}");
            assert!(outcome.ok && outcome.error <= outcome.tolerance, "{outcome:?} on {variant:?}");
        }
    }
}
