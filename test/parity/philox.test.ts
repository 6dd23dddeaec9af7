// The generator on the device gives the integers of src/random/philox.ts, all 32 bits of them.
import { expect, test } from 'vitest';
import { defineKernel, readWrite, wgsl } from '../../shaders/kernel.js';
import { randomFunctions } from '../../shaders/lib/random.js';
import { uniformOf } from '../../src/random/draws.js';
import { randomBlock, seedWords } from '../../src/random/philox.js';
import { openOwnDevice } from '../support/device.js';

const seed = 2 ** 40 + 7;
const stream = 2 ** 31 + 5;
const step = 3;
const blocks = 64;
const [low, high] = seedWords(seed);

/** GPUBufferUsage, which Node has not; 1 is GPUMapMode.READ. */
const usage = { mapRead: 1, copySrc: 4, copyDst: 8, uniform: 64, storage: 128 };

/** Words as they are, in an array that calls them floats, and the uniform of the first word of each block. */
const words = defineKernel({
  name: 'words',
  bindings: { words: readWrite('[blocks, 4]'), uniforms: readWrite('[blocks]') },
  params: { blocks: 'u32' },
  invocations: ['blocks'],
  declarations: () => randomFunctions,
  // Low block numbers at both ends of their range.
  body: () => wgsl`
  let block = randomBlock(vec2u(${low}u, ${high}u), ${stream}u, select(index, 0xffffffffu - index, (index & 1u) == 1u), ${step}u);
  for (var lane = 0u; lane < 4u; lane++) {
    words[8u * index + 2u * lane] = f32(block[lane] & 0xffffu);
    words[8u * index + 2u * lane + 1u] = f32(block[lane] >> 16u);
  }
  uniforms[index] = uniformOf(block.x);`,
});

test('the same words, and the same uniforms', async () => {
  using own = await openOwnDevice('plain');
  const { device } = own;
  const pipeline = device.createComputePipeline({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code: words.source({}) }), entryPoint: 'main' },
  });
  const params = device.createBuffer({ size: 16, usage: usage.uniform | usage.copyDst });
  device.queue.writeBuffer(params, 0, Uint32Array.of(0, blocks, 0, 0));
  const storage = usage.storage | usage.copySrc;
  const arrays = [8 * blocks, blocks].map((length) => device.createBuffer({ size: 4 * length, usage: storage }));
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(
    0,
    device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [params, ...arrays].map((buffer, binding) => ({ binding, resource: { buffer } })),
    }),
  );
  pass.dispatchWorkgroups(words.workgroups({ blocks }, {}));
  pass.end();
  const copies = arrays.map(({ size }) => device.createBuffer({ size, usage: usage.mapRead | usage.copyDst }));
  copies.forEach((copy, k) => encoder.copyBufferToBuffer(arrays[k]!, 0, copy, 0, copy.size));
  device.queue.submit([encoder.finish()]);
  const [halves, uniforms] = await Promise.all(
    copies.map(async (copy) => {
      await copy.mapAsync(1);
      return Array.from(new Float32Array(copy.getMappedRange()));
    }),
  );

  const expected = Array.from({ length: blocks }, (_, index) =>
    randomBlock(seed, stream, step * 2 ** 32 + (index % 2 === 1 ? 0xffffffff - index : index)),
  );
  expect(halves).toEqual(expected.flatMap((block) => block.flatMap((word) => [word % 2 ** 16, word >>> 16])));
  expect(uniforms).toEqual(expected.map(([first]) => uniformOf(first)));
});
