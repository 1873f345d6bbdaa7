// The sum over a team's lanes as every device can form it: a tree in workgroup memory.

var<workgroup> sums: array<vec4<f32>, LANES * TEAMS>;

// All invocations of the workgroup call this; all get their team's sum.
fn team_sum(value: vec4<f32>, lane: u32, team: u32) -> vec4<f32> {
    let place = team * LANES + lane;
    sums[place] = value;
    workgroupBarrier();
    for (var reach = LANES / 2u; reach > 0u; reach /= 2u) {
        if lane < reach {
            sums[place] += sums[place + reach];
        }
        workgroupBarrier();
    }
    let sum = sums[team * LANES];
    workgroupBarrier(); // before the next sum
    return sum;
}
