// Quantized weights [rows, columns] in blocks of 32, as matrix.rs lays them out.
//
// BITS = 4: w = d·q + m. Four words of quants a block; byte j holds weight j in its low half and
//           weight j + 16 in its high one. One word of scales a block: the halves d and m.
// BITS = 8: w = d·q. Eight words of quants a block, in order. One half of scales a block; a row's begin
//           with a word.

@group(0) @binding(1) var<storage, read> quants: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> scales: array<u32>;

const BLOCK: u32 = 32u;
// Words of quants a block: 32 weights of BITS bits in words of 32.
const WORDS: u32 = BITS;
// The same in vectors of four words.
const VECTORS: u32 = BITS / 4u;

// The low halves of four bytes. (Signed numbers become floats in one instruction of a processor's,
// unsigned ones in several.)
fn nibbles(word: u32) -> vec4<f32> {
    return vec4<f32>(vec4<i32>((vec4<u32>(word) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(15u)));
}

// Four signed bytes.
fn signed_bytes(word: u32) -> vec4<f32> {
    return vec4<f32>((vec4<i32>(bitcast<i32>(word)) << vec4<u32>(24u, 16u, 8u, 0u)) >> vec4<u32>(24u));
}

fn scale_words_of_row(blocks: u32) -> u32 {
    return select((blocks + 1u) / 2u, blocks, BITS == 4u);
}

// d and m of a block of a row that begins at word `row` of the scales.
fn scale_and_minimum(row: u32, block: u32) -> vec2<f32> {
    if BITS == 4u {
        return unpack2x16float(scales[row + block]);
    }
    return vec2<f32>(unpack2x16float(scales[row + block / 2u])[block % 2u], 0.0);
}
