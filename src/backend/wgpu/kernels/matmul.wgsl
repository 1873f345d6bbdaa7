// Products of quantized weights with many tokens, in tiles: the weights are read once for 32 tokens.
// Bindings, shapes and epilogues: product.wgsl. The weights' layout: weights.wgsl.
//
// A workgroup computes 32 products for 32 tokens, walking along the columns a block at a time: its
// 64 invocations unpack the block's weights and activations into workgroup memory, then each adds
// up 4 × 4 results in registers.

const TILE: u32 = 32u;
const GROUPS: u32 = 8u; // of four rows, or of four tokens

// weight_tile[c · 8 + g]: column c of the rows 4g .. 4g + 4; token_tile likewise for tokens.
var<workgroup> weight_tile: array<vec4<f32>, BLOCK * GROUPS>;
var<workgroup> token_tile: array<vec4<f32>, BLOCK * GROUPS>;

// One column of four rows: a tile holds the transpose of what is unpacked.
fn transposed(r: array<vec4<f32>, 4>, column: u32) -> vec4<f32> {
    return vec4<f32>(r[0][column], r[1][column], r[2][column], r[3][column]);
}

@compute @workgroup_size(8, 8)
fn main(
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(local_invocation_index) index: u32,
    @builtin(workgroup_id) workgroup: vec3<u32>,
) {
    let blocks = p.columns / BLOCK;
    let first_product = workgroup.x * TILE;
    let first_token = workgroup.y * TILE;
    // What this invocation unpacks: one word, or one vector, of four rows and four tokens.
    let part = index % 8u;
    let group = index / 8u;
    let rows = weight_rows(first_product + group * 4u);
    let scale_words = scale_words_of_row(blocks);
    let tokens = min(vec4<u32>(first_token + group * 4u) + vec4<u32>(0u, 1u, 2u, 3u), vec4<u32>(p.n - 1u));

    // results[i]: the four products of this invocation for its token i.
    var results = array<vec4<f32>, 4>();
    for (var block = 0u; block < blocks; block++) {
        if part < WORDS {
            var low: array<vec4<f32>, 4>;
            var high: array<vec4<f32>, 4>;
            for (var i = 0u; i < 4u; i++) {
                let at = rows[i] * blocks + block;
                let word = quants[at * VECTORS + part / 4u][part % 4u];
                let scale = scale_and_minimum(rows[i] * scale_words, block);
                if BITS == 4u {
                    low[i] = scale.x * nibbles(word) + scale.y;
                    high[i] = scale.x * nibbles(word >> 4u) + scale.y;
                } else {
                    low[i] = scale.x * signed_bytes(word);
                }
            }
            for (var i = 0u; i < 4u; i++) {
                weight_tile[(part * 4u + i) * GROUPS + group] = transposed(low, i);
                if BITS == 4u {
                    weight_tile[(part * 4u + i + 16u) * GROUPS + group] = transposed(high, i);
                }
            }
        }
        var values: array<vec4<f32>, 4>;
        for (var i = 0u; i < 4u; i++) {
            values[i] = x[p.x + tokens[i] * (p.columns / 4u) + block * 8u + part];
        }
        for (var i = 0u; i < 4u; i++) {
            token_tile[(part * 4u + i) * GROUPS + group] = transposed(values, i);
        }
        workgroupBarrier();

        for (var c = 0u; c < BLOCK; c++) {
            let w = weight_tile[c * GROUPS + local.x];
            let v = token_tile[c * GROUPS + local.y];
            results[0] += w * v.x;
            results[1] += w * v.y;
            results[2] += w * v.z;
            results[3] += w * v.w;
        }
        workgroupBarrier();
    }
    let first = first_product + local.x * 4u;
    for (var i = 0u; i < 4u; i++) {
        let token = first_token + local.y * 4u + i;
        if token < p.n {
            store(token, first, results[i] + update(token, weight_rows(first), 0u, 1u));
        }
    }
}
