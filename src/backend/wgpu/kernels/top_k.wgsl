// The k best logits of a block and the block's part of the softmax's normaliser. Run once more on
// what the blocks gave (MERGE), it gives those of all rows.
//
//   found  [count] logits; with MERGE, `count` blocks' results
//   best   a result a workgroup: max, Σ exp(logit − max), then k pairs (id, logit), best first
//
// Equal logits rank by rising id. Each rank is one search for the best behind the rank before.
// Masked rows have the logit LOWEST; ranks that are not filled have the id NONE or that logit.

struct Parameters {
    count: u32,
    k: u32,
}

const LOWEST: f32 = -3.4028234e38;
const NONE: u32 = 0xffffffffu;

@group(0) @binding(0) var<uniform> p: Parameters;
@group(0) @binding(1) var<storage, read> found: array<u32>;
@group(0) @binding(2) var<storage, read_write> best: array<u32>;

struct Scored {
    id: u32,
    logit: f32,
}

var<workgroup> rivals: array<Scored, LANES>;
var<workgroup> sums: array<f32, LANES>;

// Words of a result.
fn stride() -> u32 {
    return 2u + 2u * p.k;
}

// Candidate i: a row, or a pair of a block's result.
fn candidate(i: u32) -> Scored {
    if MERGE == 1u {
        let at = i / p.k * stride() + 2u + i % p.k * 2u;
        return Scored(found[at], bitcast<f32>(found[at + 1u]));
    }
    return Scored(i, bitcast<f32>(found[i]));
}

// What row i, or block i, adds to the normaliser.
fn mass(i: u32, maximum: f32) -> f32 {
    if MERGE == 1u {
        let at = i * stride();
        return bitcast<f32>(found[at + 1u]) * exp(bitcast<f32>(found[at]) - maximum);
    }
    let logit = bitcast<f32>(found[i]);
    return select(0.0, exp(logit - maximum), logit > LOWEST);
}

fn precedes(a: Scored, b: Scored) -> bool {
    return a.logit > b.logit || (a.logit == b.logit && a.id < b.id);
}

@compute @workgroup_size(LANES)
fn main(
    @builtin(local_invocation_index) lane: u32,
    @builtin(workgroup_id) workgroup: vec3<u32>,
) {
    var first = workgroup.x * BLOCK;
    var end = min(first + BLOCK, p.count);
    var candidates = end;
    if MERGE == 1u {
        first = 0u;
        end = p.count;
        candidates = p.count * p.k;
    }
    let result = workgroup.x * stride();

    var before = Scored(NONE, LOWEST);
    var maximum = LOWEST;
    for (var rank = 0u; rank < p.k; rank++) {
        var own = Scored(NONE, LOWEST);
        for (var i = first + lane; i < candidates; i += LANES) {
            let rival = candidate(i);
            if (rank == 0u || precedes(before, rival)) && precedes(rival, own) {
                own = rival;
            }
        }
        rivals[lane] = own;
        workgroupBarrier();
        for (var reach = LANES / 2u; reach > 0u; reach /= 2u) {
            if lane < reach && precedes(rivals[lane + reach], rivals[lane]) {
                rivals[lane] = rivals[lane + reach];
            }
            workgroupBarrier();
        }
        before = rivals[0];
        workgroupBarrier();
        if rank == 0u {
            maximum = before.logit;
        }
        if lane == 0u {
            best[result + 2u + 2u * rank] = before.id;
            best[result + 3u + 2u * rank] = bitcast<u32>(before.logit);
        }
    }

    var sum = 0.0;
    for (var i = first + lane; i < end; i += LANES) {
        sum += mass(i, maximum);
    }
    sums[lane] = sum;
    workgroupBarrier();
    for (var reach = LANES / 2u; reach > 0u; reach /= 2u) {
        if lane < reach {
            sums[lane] += sums[lane + reach];
        }
        workgroupBarrier();
    }
    if lane == 0u {
        best[result] = bitcast<u32>(maximum);
        best[result + 1u] = bitcast<u32>(sums[0]);
    }
}
