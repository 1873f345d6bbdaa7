// Products of quantized weights with few tokens; the weights are read once for each token.
// Software adapters have another kernel, matvec_alone.wgsl.
// Bindings, shapes and epilogues: product.wgsl. The weights' layout: weights.wgsl.
//
// A team computes four products: its lanes share the blocks of the four rows and team_sum
// (sum_*.wgsl) adds up what they found. Token t = workgroup.z.

// Sixteen weights, the low halves of four words' bytes, times as many activations.
fn dot_nibbles(words: vec4<u32>, v: mat4x4<f32>) -> f32 {
    return dot(nibbles(words.x), v[0])
        + dot(nibbles(words.y), v[1])
        + dot(nibbles(words.z), v[2])
        + dot(nibbles(words.w), v[3]);
}

fn dot_bytes(words: vec4<u32>, v: mat4x4<f32>) -> f32 {
    return dot(signed_bytes(words.x), v[0])
        + dot(signed_bytes(words.y), v[1])
        + dot(signed_bytes(words.z), v[2])
        + dot(signed_bytes(words.w), v[3]);
}

// The quants of a block, counted over the whole matrix, times its first and last sixteen activations.
fn dot_block(block: u32, first: mat4x4<f32>, last: mat4x4<f32>) -> f32 {
    let words = quants[block * VECTORS];
    if BITS == 4u {
        return dot_nibbles(words, first) + dot_nibbles(words >> vec4<u32>(4u), last);
    }
    return dot_bytes(words, first) + dot_bytes(quants[block * VECTORS + 1u], last);
}

@compute @workgroup_size(LANES, TEAMS)
fn main(
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
) {
    let lane = local.x;
    let first = ((workgroup.y * workgroups.x + workgroup.x) * TEAMS + local.y) * 4u;
    let token = workgroup.z;
    var blocks = p.columns / BLOCK;
    let four = weight_rows(first);
    let rows = four * blocks;
    let scale_rows = four * scale_words_of_row(blocks);
    if EPILOGUE == MASK {
        // Rows that are masked out cost nothing.
        blocks = select(blocks, 0u, first >= p.rows || allowed(first) == 0u);
    }

    var products = vec4<f32>(0.0);
    for (var block = lane; block < blocks; block += LANES) {
        let at = p.x + token * p.columns / 4u + block * 8u;
        let head = mat4x4<f32>(x[at], x[at + 1u], x[at + 2u], x[at + 3u]);
        let tail = mat4x4<f32>(x[at + 4u], x[at + 5u], x[at + 6u], x[at + 7u]);
        let found = vec4<f32>(
            dot_block(rows.x + block, head, tail),
            dot_block(rows.y + block, head, tail),
            dot_block(rows.z + block, head, tail),
            dot_block(rows.w + block, head, tail),
        );
        let a = scale_and_minimum(scale_rows.x, block);
        let b = scale_and_minimum(scale_rows.y, block);
        let c = scale_and_minimum(scale_rows.z, block);
        let d = scale_and_minimum(scale_rows.w, block);
        products += vec4<f32>(a.x, b.x, c.x, d.x) * found;
        if BITS == 4u {
            let sums = head * vec4<f32>(1.0) + tail * vec4<f32>(1.0);
            products += vec4<f32>(a.y, b.y, c.y, d.y) * dot(sums, vec4<f32>(1.0));
        }
    }
    products += update(token, four, lane, LANES);
    products = team_sum(products, lane, local.y);
    if lane == 0u {
        store(token, first, products);
    }
}
