/** How fast this adapter reads memory: a kernel that does nothing but read as many bytes as a token does. */

const CHUNK = 1 << 26; // every adapter binds 128 MiB; half of that leaves weak ones room
const WORKGROUP = 64;
/** Vectors of 16 bytes that an invocation adds up. */
const VECTORS = 36; // a row of 576 weights of eight bits
const ROUNDS = 5;

const KERNEL = `
@group(0) @binding(0) var<storage, read> weights: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> sums: array<u32>;

@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let first = id.x * ${VECTORS}u;
    if (first + ${VECTORS}u > arrayLength(&weights)) {
        return;
    }
    var sum = vec4<u32>(0u);
    for (var i = 0u; i < ${VECTORS}u; i += 1u) {
        sum ^= weights[first + i];
    }
    sums[id.x] = sum.x ^ sum.y ^ sum.z ^ sum.w;
}`;

/** GB/s of the fastest of a few rounds over `bytes`; undefined without WebGPU. */
export async function streamGbPerS(bytes) {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
  const device = await adapter?.requestDevice();
  if (!device) return undefined;
  try {
    const module = device.createShaderModule({ code: KERNEL });
    const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute: { module } });
    const chunks = Array.from({ length: Math.ceil(bytes / CHUNK) }, () => chunk(device, pipeline));
    const times = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      for (const { bindings, groups } of chunks) {
        pass.setBindGroup(0, bindings);
        pass.dispatchWorkgroups(groups);
      }
      pass.end();
      const start = performance.now();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
      times.push(performance.now() - start);
    }
    return (chunks.length * CHUNK) / Math.min(...times.slice(1)) / 1e6; // the first round warms up
  } finally {
    device.destroy();
  }
}

function chunk(device, pipeline) {
  const invocations = Math.floor(CHUNK / 16 / VECTORS);
  const buffer = (size) => device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST });
  const weights = buffer(CHUNK);
  // Memory that was never written may not be there.
  device.queue.writeBuffer(weights, 0, new Uint8Array(CHUNK).fill(165));
  const entries = [weights, buffer(4 * invocations)].map((buffer, binding) => ({ binding, resource: { buffer } }));
  const bindings = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  return { bindings, groups: Math.ceil(invocations / WORKGROUP) };
}
