// SwiGLU of products that are already there: y[t, i] = silu(g[t, i]) · u[t, i].
//
//   products  [n, 2 · outputs]: a token's g, then its u
//   y         [n, outputs]
//
// One invocation a result: 64 of a token a workgroup, token t = workgroup.y. Where one buffer holds G and
// U, the product does this at once (SWIGLU in product.wgsl).

struct Parameters {
    outputs: u32,
}

@group(0) @binding(0) var<uniform> p: Parameters;
@group(0) @binding(1) var<storage, read> products: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) global: vec3<u32>) {
    if global.x >= p.outputs {
        return;
    }
    let at = global.y * 2u * p.outputs + global.x;
    let gate = products[at];
    y[global.y * p.outputs + global.x] = gate / (1.0 + exp(-gate)) * products[at + p.outputs];
}
