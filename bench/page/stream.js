/** A kernel that only reads: what an adapter's memory, or a software adapter's loads, allow any kernel of ours. */

const KERNEL = `
@group(0) @binding(0) var<storage, read> words: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> sums: array<u32>;
const VECTORS = 36u; // a row of 576 weights of eight bits
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  var sum = vec4<u32>();
  for (var i = 0u; i < VECTORS; i++) { sum += words[id.x * VECTORS + i]; }
  sums[id.x] = sum.x + sum.y + sum.z + sum.w;
}`;
const GROUPS = 1024;
const BYTES = GROUPS * 64 * 576;

/** Gives a function that streams 38 MB `times` times and resolves with the bytes. */
export async function openStream() {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  const device = await adapter.requestDevice();
  const module = device.createShaderModule({ code: KERNEL });
  const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute: { module } });
  const buffers = [BYTES, 4 * GROUPS * 64].map((size) => device.createBuffer({ size, usage: GPUBufferUsage.STORAGE }));
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  return async (times) => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    for (let i = 0; i < times; i++) pass.dispatchWorkgroups(GROUPS);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return BYTES * times;
  };
}
