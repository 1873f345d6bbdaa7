// The sum over a team's lanes by subgroups: neighbours exchange what they have, then neighbours at
// twice the distance. A team's lanes lie in one subgroup, which has at least as many.

// All invocations of the workgroup call this; all get their team's sum.
fn team_sum(value: vec4<f32>, lane: u32, team: u32) -> vec4<f32> {
    var sum = value;
    for (var reach = 1u; reach < LANES; reach *= 2u) {
        sum += subgroupShuffleXor(sum, reach);
    }
    return sum;
}
