// What both products of quantized weights share: their bindings, and where results go.
//
//   quants, scales  [rows, columns]     weights.wgsl; all rows of W, or a part of them
//   x               [n, columns], as vectors of four; begins at vector `x`
//   inputs          with MASK, one bit a row, from word `mask` on
//   y               [n, outputs]; the products with the first row begin at number `y`
//
// Where the weights have an update of rank RANK, W stands for W + B·A: update.wgsl, else no_update.wgsl.
// EPILOGUE says what becomes of the products of x with the weights' rows:
//   STORE   y = W·x
//   ADD     y = y + W·x
//   SWIGLU  y = silu(G·x) ⊙ (U·x), where the weights, in one part, stack G and U: outputs = rows / 2
//   MASK    y = W·x where the row's bit is set, else LOWEST

struct Parameters {
    n: u32,
    rows: u32,
    columns: u32,
    outputs: u32,
    x: u32,
    y: u32,
    mask: u32,
}

const STORE: u32 = 0u;
const ADD: u32 = 1u;
const SWIGLU: u32 = 2u;
const MASK: u32 = 3u;
// Below every logit: the least finite number.
const LOWEST: f32 = -3.4028234e38;

@group(0) @binding(0) var<uniform> p: Parameters;
@group(0) @binding(3) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> inputs: array<u32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

// The rows of weights behind products first .. first + 4. With SWIGLU, gate and up take turns.
// Past the end the last row is repeated.
fn weight_rows(first: u32) -> vec4<u32> {
    var rows = first + vec4<u32>(0u, 1u, 2u, 3u);
    if EPILOGUE == SWIGLU {
        rows = rows / 2u + (rows % 2u) * p.outputs;
    }
    return min(rows, vec4<u32>(p.rows - 1u));
}

// The mask's bits of rows first .. first + 4, where `first` is a multiple of four.
fn allowed(first: u32) -> u32 {
    return (inputs[p.mask + first / 32u] >> (first % 32u)) & 15u;
}

// Writes the products first .. first + 4 of a token.
fn store(token: u32, first: u32, products: vec4<f32>) {
    let row = p.y + token * p.outputs;
    if EPILOGUE == SWIGLU {
        for (var i = 0u; i < 2u; i++) {
            let at = first / 2u + i;
            if at < p.outputs {
                let gate = products[2u * i];
                y[row + at] = gate / (1.0 + exp(-gate)) * products[2u * i + 1u];
            }
        }
        return;
    }
    for (var i = 0u; i < 4u; i++) {
        let at = first + i;
        if at < p.rows {
            if EPILOGUE == ADD {
                y[row + at] += products[i];
            } else if EPILOGUE == MASK {
                y[row + at] = select(LOWEST, products[i], ((allowed(first) >> i) & 1u) == 1u);
            } else {
                y[row + at] = products[i];
            }
        }
    }
}
