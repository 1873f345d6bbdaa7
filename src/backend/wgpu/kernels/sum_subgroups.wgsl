// The sum over a team's lanes by subgroups: each adds in registers, workgroup memory joins them.
// The team is the whole workgroup, so that no subgroup spans two.

var<workgroup> sums: array<vec4<f32>, LANES>;

// All invocations of the workgroup call this, once in a kernel; all get the sum.
fn team_sum(value: vec4<f32>, lane: u32, team: u32) -> vec4<f32> {
    let size = subgroupAdd(1u);
    let own = subgroupAdd(value);
    if lane % size == 0u {
        sums[lane / size] = own;
    }
    workgroupBarrier();
    var total = vec4<f32>(0.0);
    for (var i = 0u; i < (LANES + size - 1u) / size; i++) {
        total += sums[i];
    }
    return total;
}
