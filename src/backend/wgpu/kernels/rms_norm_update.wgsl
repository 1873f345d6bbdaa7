// RMSNorm (rms_norm.wgsl) with the first half of a low-rank update (update.wgsl) of the weights that
// read its results:
//   y[t, c] = x[t, c] / sqrt(mean_c(x²) + ε) · gain[c]
//   z[t, i] = Σ_c A[i, c] · y[t, c]
//
//   quants, scales  [r, width]   weights.wgsl, 8 bits: A
//   gain            [width]
//   x, y            [n, width], as vectors of four, like the gain; x begins at vector `x`
//   z               [n, r], as vectors of four
//
// One team a token and four rows of A: vector workgroup.y of z. Each needs the mean, which is little
// work beside A's; the first writes y.

struct Parameters {
    n: u32,
    width: u32,
    x: u32,
    epsilon: f32,
}

@group(0) @binding(0) var<uniform> p: Parameters;
@group(0) @binding(3) var<storage, read> gain: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> y: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> z: array<vec4<f32>>;

// Four weights of a row of A, vector i, times as many numbers.
fn word_product(row: u32, i: u32, v: vec4<f32>) -> f32 {
    let at = row * (p.width / 4u) + i;
    let scale = scale_and_minimum(row * scale_words_of_row(p.width / BLOCK), i / 8u).x;
    return scale * dot(signed_bytes(quants[at / 4u][at % 4u]), v);
}

@compute @workgroup_size(LANES, TEAMS)
fn main(
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
) {
    let lane = local.x;
    let vectors = p.width / 4u;
    // A team past the end repeats the last token: all must take part in the sums.
    let token = min(workgroup.x * TEAMS + local.y, p.n - 1u);
    let row = workgroup.y * 4u;
    var squares = vec4<f32>(0.0);
    var products = vec4<f32>(0.0); // before what is multiplied is scaled
    for (var i = lane; i < vectors; i += LANES) {
        let v = x[p.x + token * vectors + i];
        squares += v * v;
        let gained = v * gain[i];
        products += vec4<f32>(
            word_product(row, i, gained),
            word_product(row + 1u, i, gained),
            word_product(row + 2u, i, gained),
            word_product(row + 3u, i, gained),
        );
    }
    let mean = dot(team_sum(squares, lane, local.y), vec4<f32>(1.0)) / f32(p.width);
    let scale = 1.0 / sqrt(mean + p.epsilon);
    let sums = team_sum(products, lane, local.y);
    if lane == 0u {
        z[token * workgroups.y + workgroup.y] = scale * sums;
    }
    if workgroup.y == 0u {
        for (var i = lane; i < vectors; i += LANES) {
            y[token * vectors + i] = x[p.x + token * vectors + i] * scale * gain[i];
        }
    }
}
