// Products of quantized weights with few tokens, for software adapters; the weights are read once
// for each token. Bindings, shapes and epilogues: product.wgsl. The weights' layout: weights.wgsl.
//
// An invocation computes ROWS products, two blocks of columns at a time. Token t = workgroup.z.
// What such an adapter is slow at is done once for many weights, or not at all:
//   - a load is four scalar ones, for lanes may look anywhere: ROWS rows share their activations;
//   - a shift is four scalar ones as well: a weight stays where it is in its word, and what it is
//     multiplied with is smaller by as much (PLACES);
//   - long code has too few registers: rows are a loop.

// Four weights in a word are multiples of 1 / PLACES. The last is signed, the others are not.
const PLACES: vec4<f32> = vec4<f32>(1.0, 1.0 / 256.0, 1.0 / 65536.0, 1.0 / 16777216.0);
// Makes the first three of four signed bytes unsigned, as q + 128.
const OFFSET: vec4<u32> = vec4<u32>(0x00808080u);
const NIBBLES: vec4<u32> = vec4<u32>(0x0f0f0f0fu);

// A block of activations, times PLACES.
struct Activations {
    first: mat4x4<f32>,
    last: mat4x4<f32>,
    sum: f32, // what a block's minimum is multiplied with; with 8 bits, what OFFSET has added too much
}

fn activations(at: u32, present: bool) -> Activations {
    let first = mat4x4<f32>(
        in_places(at, present),
        in_places(at + 1u, present),
        in_places(at + 2u, present),
        in_places(at + 3u, present),
    );
    let last = mat4x4<f32>(
        in_places(at + 4u, present),
        in_places(at + 5u, present),
        in_places(at + 6u, present),
        in_places(at + 7u, present),
    );
    let sums = (first[0] + first[1] + first[2] + first[3] + last[0] + last[1] + last[2] + last[3]) / PLACES;
    if BITS == 4u {
        return Activations(first, last, dot(sums, vec4<f32>(1.0)));
    }
    return Activations(first, last, -128.0 * (sums.x + sums.y + sums.z));
}

fn in_places(at: u32, present: bool) -> vec4<f32> {
    return select(vec4<f32>(0.0), x[at], present) * PLACES;
}

// The bytes of a word where they are.
fn in_place(word: u32) -> vec4<f32> {
    let bytes = vec4<u32>(word) & vec4<u32>(0xffu, 0xff00u, 0xff0000u, 0xff000000u);
    return vec4<f32>(bitcast<vec4<i32>>(bytes));
}

fn dot_words(words: vec4<u32>, v: mat4x4<f32>) -> f32 {
    return dot(in_place(words.x), v[0])
        + dot(in_place(words.y), v[1])
        + dot(in_place(words.z), v[2])
        + dot(in_place(words.w), v[3]);
}

// The quants of a block, counted over the whole matrix, times its activations.
fn dot_block(block: u32, v: Activations) -> f32 {
    let words = quants[block * VECTORS];
    if BITS == 4u {
        return dot_words(words & NIBBLES, v.first)
            + dot_words((words >> vec4<u32>(4u)) & NIBBLES, v.last);
    }
    return dot_words(words ^ OFFSET, v.first)
        + dot_words(quants[block * VECTORS + 1u] ^ OFFSET, v.last);
}

@compute @workgroup_size(TEAMS)
fn main(
    @builtin(local_invocation_index) index: u32,
    @builtin(workgroup_id) workgroup: vec3<u32>,
    @builtin(num_workgroups) workgroups: vec3<u32>,
) {
    let first = ((workgroup.y * workgroups.x + workgroup.x) * TEAMS + index) * ROWS;
    let token = workgroup.z;
    let blocks = p.columns / BLOCK;
    let scale_words = scale_words_of_row(blocks);

    var rows: array<u32, ROWS>;
    var wanted = 0u;
    for (var i = 0u; i < ROWS; i += 4u) {
        let four = weight_rows(first + i);
        rows[i] = four.x;
        rows[i + 1u] = four.y;
        rows[i + 2u] = four.z;
        rows[i + 3u] = four.w;
        if EPILOGUE == MASK && first + i < p.rows {
            wanted |= allowed(first + i);
        }
    }
    // Rows that are masked out cost nothing.
    let walked = select(blocks, 0u, EPILOGUE == MASK && wanted == 0u);

    var products: array<f32, ROWS>;
    for (var block = 0u; block < walked; block += 2u) {
        let at = p.x + token * p.columns / 4u + block * 8u;
        let a = activations(at, true);
        let b = activations(at + 8u, block + 1u < blocks); // zeros beside the last of an odd number
        for (var i = 0u; i < ROWS; i++) {
            let here = rows[i] * blocks + block;
            let found = vec2<f32>(dot_block(here, a), dot_block(here + 1u, b));
            let sums = vec2<f32>(a.sum, b.sum);
            if BITS == 4u {
                let one = unpack2x16float(scales[here]);
                let two = unpack2x16float(scales[here + 1u]);
                products[i] += dot(vec2<f32>(one.x, two.x), found) + dot(vec2<f32>(one.y, two.y), sums);
            } else {
                let both = unpack2x16float(scales[rows[i] * scale_words + block / 2u]);
                products[i] += dot(both, found + sums);
            }
        }
    }
    for (var i = 0u; i < ROWS; i += 4u) {
        let four = vec4<f32>(products[i], products[i + 1u], products[i + 2u], products[i + 3u]);
        store(token, first + i, four + update(token, weight_rows(first + i), 0u, 1u));
    }
}
