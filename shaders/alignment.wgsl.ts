// Weight and nearest known direction of every component, one invocation a component, into the slot of a history. The known
// directions are few and the same for all, so that they stay in the cache.
import { defineKernel, wgsl } from './kernel.js';
import { invocationFor } from './lib/entry.js';

export const recordComponents = defineKernel({
  name: 'recordComponents',
  bindings: {
    vectors: { access: 'read', of: 'f32', shape: '[batch, columns, dim], the model in the first rows' },
    weights: { access: 'read', of: 'f32', shape: '[batch, columns]' },
    directions: { access: 'read', of: 'f32', shape: '[known, dim]' },
    history: { access: 'read_write', of: 'f32', shape: '[slots, batch, rows, 3]' },
  },
  params: { batch: 'u32', rows: 'u32', columns: 'u32', dim: 'u32', known: 'u32', slot: 'u32' },
  workgroupSize: () => 64,
  body: () => wgsl`
${invocationFor('params.batch * params.rows')}
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
  history[to + 2u] = nearest;
}`,
});
