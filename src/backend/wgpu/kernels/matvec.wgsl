// Products of quantized weights with few tokens; the weights are read once for each token.
// Bindings, shapes and epilogues: product.wgsl. The weights' layout: weights.wgsl.
//
// A team computes four products: its lanes share the words of the four rows and team_sum
// (sum_*.wgsl) adds up what they found. Token t = workgroup.z.

// The four dot products of `v` with the low halves of the bytes of four words.
fn dot_nibbles(words: vec4<u32>, v: vec4<f32>) -> vec4<f32> {
    return vec4<f32>(
        dot(nibbles(words.x), v),
        dot(nibbles(words.y), v),
        dot(nibbles(words.z), v),
        dot(nibbles(words.w), v),
    );
}

fn dot_bytes(words: vec4<u32>, v: vec4<f32>) -> vec4<f32> {
    return vec4<f32>(
        dot(signed_bytes(words.x), v),
        dot(signed_bytes(words.y), v),
        dot(signed_bytes(words.z), v),
        dot(signed_bytes(words.w), v),
    );
}

@compute @workgroup_size(LANES, TEAMS)
fn main(
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
) {
    let lane = local.x;
    let first = ((workgroup.y * workgroups.x + workgroup.x) * TEAMS + local.y) * 4u;
    let rows = weight_rows(first);
    let token = workgroup.z;
    let blocks = p.columns / BLOCK;
    var words = blocks * WORDS;
    let quants_of = rows * words;
    let scales_of = rows * blocks;
    let x_of = p.x + token * p.columns / 4u;
    if EPILOGUE == MASK {
        // Rows that are masked out cost nothing.
        words = select(words, 0u, first >= p.rows || allowed(first) == 0u);
    }

    var products = vec4<f32>(0.0);
    for (var word = lane; word < words; word += LANES) {
        let block = word / WORDS;
        let at = quants_of + word;
        let q = vec4<u32>(quants[at.x], quants[at.y], quants[at.z], quants[at.w]);
        let s = scales_of + block;
        let a = scale_and_minimum(s.x);
        let b = scale_and_minimum(s.y);
        let c = scale_and_minimum(s.z);
        let e = scale_and_minimum(s.w);
        let d = vec4<f32>(a.x, b.x, c.x, e.x);
        if BITS == 4u {
            let low = x[x_of + block * 8u + word % WORDS];
            let high = x[x_of + block * 8u + word % WORDS + 4u];
            let m = vec4<f32>(a.y, b.y, c.y, e.y);
            products += d * (dot_nibbles(q, low) + dot_nibbles(q >> vec4<u32>(4u), high));
            products += m * dot(low + high, vec4<f32>(1.0));
        } else {
            products += d * dot_bytes(q, x[x_of + word]);
        }
    }
    products = team_sum(products, lane, local.y);
    if lane == 0u {
        store(token, first, products);
    }
}
