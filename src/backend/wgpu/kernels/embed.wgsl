// Rows of the embedding: y[t, c] = W[token t, c], where this part of W has the token's row.
//
//   quants, scales  [rows, columns]   weights.wgsl; the rows first .. first + rows of W
//   inputs          token ids, from word `tokens` on
//   y               [n, columns]
//
// One invocation a word of quants: 64 words of a row a workgroup, token t = workgroup.y.

struct Parameters {
    columns: u32,
    tokens: u32,
    first: u32,
    rows: u32,
}

@group(0) @binding(0) var<uniform> p: Parameters;
@group(0) @binding(3) var<storage, read> inputs: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) global: vec3<u32>) {
    let blocks = p.columns / BLOCK;
    let index = global.x;
    if index >= blocks * WORDS {
        return;
    }
    let row = inputs[p.tokens + global.y] - p.first;
    if row >= p.rows {
        return; // also where the token is before the first
    }
    let block = index / WORDS;
    let word = quants[row * blocks * VECTORS + index / 4u][index % 4u];
    let scale = scale_and_minimum(row * scale_words_of_row(blocks), block);
    // In vectors of four columns.
    let at = global.y * p.columns / 4u + block * 8u + index % WORDS;
    if BITS == 4u {
        y[at] = scale.x * nibbles(word) + scale.y;
        y[at + 4u] = scale.x * nibbles(word >> 4u) + scale.y;
    } else {
        y[at] = scale.x * signed_bytes(word);
    }
}
