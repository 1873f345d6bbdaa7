// The second half of a low-rank update of weights, W + B·A: what B·z adds to products, where z = A·x.
//
//   b_quants, b_scales  [rows, RANK]   8 bits a weight, as in weights.wgsl; the rows of B beside those of W
//   z                   [n, RANK], as vectors of four; from rms_norm_update.wgsl or a product of its own

@group(0) @binding(6) var<storage, read> b_quants: array<u32>;
@group(0) @binding(7) var<storage, read> b_scales: array<u32>;
@group(0) @binding(8) var<storage, read> z: array<vec4<f32>>;

// Vectors of z, and words of quants, a row; eight are a block.
const RANK_VECTORS: u32 = RANK / 4u;
const RANK_SCALES: u32 = (RANK_VECTORS + 15u) / 16u;

// Four weights of a row of B, vector i, times as many numbers.
fn update_word(row: u32, i: u32, v: vec4<f32>) -> f32 {
    let scale = unpack2x16float(b_scales[row * RANK_SCALES + i / 16u])[i / 8u % 2u];
    return scale * dot(signed_bytes(b_quants[row * RANK_VECTORS + i]), v);
}

// A part of what is added to the products of four rows with a token: that of the vectors first,
// first + stride, first + 2 · stride, … of z.
fn update(token: u32, rows: vec4<u32>, first: u32, stride: u32) -> vec4<f32> {
    var sum = vec4<f32>(0.0);
    for (var i = first; i < RANK_VECTORS; i += stride) {
        let v = z[token * RANK_VECTORS + i];
        sum += vec4<f32>(
            update_word(rows.x, i, v),
            update_word(rows.y, i, v),
            update_word(rows.z, i, v),
            update_word(rows.w, i, v),
        );
    }
    return sum;
}
