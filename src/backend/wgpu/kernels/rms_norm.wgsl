// RMSNorm: y[t, c] = x[t, c] / sqrt(mean_c(x²) + ε) · gain[c].
//
//   x, y  [n, width], both as vectors of four; x begins at vector `x`
//   gain  [width]
//
// One team a token (team_sum is in sum_*.wgsl).

struct Parameters {
    n: u32,
    width: u32,
    x: u32,
    epsilon: f32,
}

@group(0) @binding(0) var<uniform> p: Parameters;
@group(0) @binding(1) var<storage, read> gain: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4<f32>>;

@compute @workgroup_size(LANES, TEAMS)
fn main(
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(workgroup_id) workgroup: vec3<u32>,
) {
    let lane = local.x;
    let vectors = p.width / 4u;
    // A team past the end repeats the last token: all must take part in the sum.
    let token = min(workgroup.x * TEAMS + local.y, p.n - 1u);
    var squares = vec4<f32>(0.0);
    for (var i = lane; i < vectors; i += LANES) {
        let v = x[p.x + token * vectors + i];
        squares += v * v;
    }
    let mean = dot(team_sum(squares, lane, local.y), vec4<f32>(1.0)) / f32(p.width);
    let scale = 1.0 / sqrt(mean + p.epsilon);
    for (var i = lane; i < vectors; i += LANES) {
        y[token * vectors + i] = x[p.x + token * vectors + i] * scale * gain[i];
    }
}
