// RoPE and the append to the cache: rotates the neighbouring pairs of queries and keys by their
// positions' angles, leaves the queries in place, and packs keys and values as halves.
//
//   rotations  [positions, head_size / 2]   (cos, sin) of the angles
//   qkv        [n, q + k + v], as pairs
//   cache      [positions, k + v], as pairs of halves: a token's keys, then its values
//
// One invocation a pair: 64 pairs of a token a workgroup, token = workgroup.y. Widths count pairs.

struct Parameters {
    start: u32, // position of the first token
    queries: u32,
    keys: u32,
    head: u32,
}

@group(0) @binding(0) var<uniform> p: Parameters;
@group(0) @binding(1) var<storage, read> rotations: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read_write> qkv: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read_write> cache: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) global: vec3<u32>) {
    let index = global.x;
    let width = p.queries + 2u * p.keys;
    if index >= width {
        return;
    }
    let position = p.start + global.y;
    let at = global.y * width + index;
    var pair = qkv[at];
    if index < p.queries + p.keys {
        let r = rotations[position * p.head + index % p.head];
        pair = vec2<f32>(pair.x * r.x - pair.y * r.y, pair.x * r.y + pair.y * r.x);
    }
    if index < p.queries {
        qkv[at] = pair;
    } else {
        cache[position * 2u * p.keys + index - p.queries] = pack2x16float(pair);
    }
}
