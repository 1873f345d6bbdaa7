// Causal grouped-query attention: y = softmax(q · Kᵀ / √head_size) · V for each token and head.
//
//   qkv    [n, q + k + v], as pairs; the queries are rotated
//   cache  [positions, k + v], as pairs of halves: a token's keys, then its values
//   y      [n, q], as pairs
//
// A team takes one head of one token (workgroup.y) and walks along the positions in chunks. The
// softmax is taken as it goes: what was summed under a smaller maximum is scaled down
// (https://arxiv.org/abs/1805.02867). Widths count pairs.

struct Parameters {
    start: u32, // position of the first token
    queries: u32,
    keys: u32,
    group: u32, // query heads that share a head of keys
}

const PAIRS: u32 = HEAD_SIZE / 2u;
const CHUNK: u32 = 64u;

@group(0) @binding(0) var<uniform> p: Parameters;
@group(0) @binding(1) var<storage, read> qkv: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read> cache: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<vec2<f32>>;

var<workgroup> queries: array<vec2<f32>, TEAMS * PAIRS>;
var<workgroup> weights: array<f32, TEAMS * CHUNK>;
var<workgroup> mixed: array<vec2<f32>, TEAMS * PAIRS>;

@compute @workgroup_size(LANES, TEAMS)
fn main(
    @builtin(local_invocation_id) local: vec3<u32>,
    @builtin(workgroup_id) workgroup: vec3<u32>,
) {
    let lane = local.x;
    let token = workgroup.y;
    let heads = p.queries / PAIRS;
    // A team past the end repeats the last head: all must meet at the barriers.
    let head = min(workgroup.x * TEAMS + local.y, heads - 1u);
    let keys_of = head / p.group * PAIRS;
    let stride = 2u * p.keys;
    let team_pairs = local.y * PAIRS;
    let team_weights = local.y * CHUNK;

    let query = token * (p.queries + stride) + head * PAIRS;
    for (var i = lane; i < PAIRS; i += LANES) {
        queries[team_pairs + i] = qkv[query + i] / sqrt(f32(HEAD_SIZE));
        mixed[team_pairs + i] = vec2<f32>(0.0);
    }
    workgroupBarrier();

    var largest = -3.4028234e38;
    var total = 0.0;
    let seen = p.start + token + 1u;
    for (var first = 0u; first < seen; first += CHUNK) {
        let count = min(CHUNK, seen - first);
        for (var i = lane; i < count; i += LANES) {
            let key = (first + i) * stride + keys_of;
            var score = 0.0;
            for (var j = 0u; j < PAIRS; j++) {
                score += dot(queries[team_pairs + j], unpack2x16float(cache[key + j]));
            }
            weights[team_weights + i] = score;
        }
        workgroupBarrier();
        var maximum = largest;
        for (var i = 0u; i < count; i++) {
            maximum = max(maximum, weights[team_weights + i]);
        }
        workgroupBarrier();
        for (var i = lane; i < count; i += LANES) {
            weights[team_weights + i] = exp(weights[team_weights + i] - maximum);
        }
        workgroupBarrier();
        let fade = exp(largest - maximum);
        total *= fade;
        for (var i = 0u; i < count; i++) {
            total += weights[team_weights + i];
        }
        for (var i = lane; i < PAIRS; i += LANES) {
            let value = first * stride + p.keys + keys_of + i;
            var sum = mixed[team_pairs + i] * fade;
            for (var j = 0u; j < count; j++) {
                sum += weights[team_weights + j] * unpack2x16float(cache[value + j * stride]);
            }
            mixed[team_pairs + i] = sum;
        }
        largest = maximum;
        workgroupBarrier();
    }
    for (var i = lane; i < PAIRS; i += LANES) {
        y[token * p.queries + head * PAIRS + i] = mixed[team_pairs + i] / total;
    }
}
