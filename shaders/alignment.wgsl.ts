// What a flow of many steps records of every step: how large its components are, and which known direction each is nearest. One
// invocation per component. The known directions are few and the same for all components, so they stay in the cache.
import { defineKernel, read, readWrite, wgsl } from './kernel.js';

/**
 * Writes three numbers per component into slot `slot` of `history`: its weight; of the inner products ⟨ū_i, z_k⟩ with the known
 * unit directions z_k, the one of the largest magnitude, with its sign; and that k, the first of equal ones. 0 and −1 where no
 * direction is known. The model is the first `rows` of the `columns` vectors. 2 · batch · rows · known · dim flops.
 */
export const recordComponents = defineKernel({
  name: 'recordComponents',
  bindings: {
    vectors: read('[batch, columns, dim], the model in the first rows'),
    weights: read('[batch, columns]'),
    directions: read('[known, dim], at least one entry'),
    history: readWrite('[slots, batch, rows, 3]'),
  },
  params: { batch: 'u32', rows: 'u32', columns: 'u32', dim: 'u32', known: 'u32', slot: 'u32' },
  invocations: ['batch', 'rows'],
  work: ({ batch, rows, known, dim }) => 2 * batch * rows * known * dim,
  body: () => wgsl`
  let component = (index / params.rows) * params.columns + index % params.rows;
  let at = component * params.dim;
  var correlation = 0f;
  var nearest = -1f;
  for (var k = 0u; k < params.known; k++) {
    var product = 0f;
    for (var n = 0u; n < params.dim; n++) { product += vectors[at + n] * directions[k * params.dim + n]; }
    if (nearest < 0f || abs(product) > abs(correlation)) {
      correlation = product;
      nearest = f32(k);
    }
  }
  let to = 3u * (params.slot * params.batch * params.rows + index);
  history[to] = weights[component];
  history[to + 1u] = correlation;
  history[to + 2u] = nearest;`,
});
