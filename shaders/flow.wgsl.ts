// The 2-homogeneous flow in polar form: components Σ_i a_i e^{2ρ_i} ū_i^{⊗l} with unit rows ū_i and log norms ρ_i. Norms of
// 1e-15 and below are numbers like −35 here, so nothing underflows in float32; a weight e^{2ρ} that does is harmless.
import { defineKernel, wgsl } from './kernel.js';
import { invocationFor } from './lib/entry.js';

/** One step, one invocation a component; formulas in src/backend/operations/flow.ts. */
export const updatePolar = defineKernel({
  name: 'updatePolar',
  bindings: {
    contraction: { access: 'read', of: 'f32', shape: '[batch, contracted, dim]' },
    strengths: { access: 'read', of: 'f32', shape: '[batch, contracted]' },
    rates: { access: 'read', of: 'f32', shape: '[batch]' },
    caps: { access: 'read', of: 'f32', shape: '[batch]' },
    signs: { access: 'read', of: 'f32', shape: '[batch, rows]' },
    logNorms: { access: 'read_write', of: 'f32', shape: '[batch, rows]' },
    vectors: { access: 'read_write', of: 'f32', shape: '[batch, columns, dim], the model in the first rows' },
    weights: { access: 'read_write', of: 'f32', shape: '[batch, columns]' },
  },
  params: {
    batch: 'u32',
    rows: 'u32',
    columns: 'u32',
    dim: 'u32',
    contracted: 'u32',
    order: 'f32',
    radialFactor: 'f32',
    regularization: 'f32',
    logModeSwitch: 'f32',
  },
  workgroupSize: () => 64,
  body: () => wgsl`
${invocationFor('params.batch * params.rows')}
  let item = index / params.rows;
  if (rates[item] == 0f) { return; }
  let component = item * params.columns + index % params.rows;
  let row = item * params.contracted + index % params.rows;
  let at = component * params.dim;
  let a = signs[index];
  let s = strengths[row];
  let rho = logNorms[index];
  let rate = rates[item] * exp(min(0f, (params.order - 2f) * (rho - params.logModeSwitch)));
  let turn = rate * params.order * a;
  var square = 0f;
  for (var k = 0u; k < params.dim; k++) {
    let u = vectors[at + k];
    let moved = u - turn * (contraction[row * params.dim + k] - s * u);
    vectors[at + k] = moved;
    square += moved * moved;
  }
  let scale = 1f / sqrt(square);
  for (var k = 0u; k < params.dim; k++) { vectors[at + k] *= scale; }
  let next = min(rho - rate * params.radialFactor * (a * s + params.regularization), caps[item]);
  logNorms[index] = next;
  weights[component] = a * exp(2f * next);
}`,
});

/** Step sizes from the strongest direction of every batch item, one invocation an item. */
export const setRates = defineKernel({
  name: 'setRates',
  bindings: {
    strengths: { access: 'read', of: 'f32', shape: '[batch, rows]' },
    scales: { access: 'read_write', of: 'f32', shape: '[batch]' },
    rates: { access: 'read_write', of: 'f32', shape: '[batch]' },
  },
  params: { batch: 'u32', rows: 'u32', factor: 'f32' },
  workgroupSize: () => 64,
  body: () => wgsl`
${invocationFor('params.batch')}
  var scale = 0f;
  for (var i = 0u; i < params.rows; i++) { scale = max(scale, abs(strengths[index * params.rows + i])); }
  scales[index] = scale;
  rates[index] = select(0f, params.factor / scale, scale > 0f);
}`,
});

/** to[i] = from[i] / ‖from[i]‖, one invocation a row; a zero row leaves to[i] as it is. */
export const unitRows = defineKernel({
  name: 'unitRows',
  bindings: {
    source: { access: 'read', of: 'f32', shape: '[rows, dim]' },
    unit: { access: 'read_write', of: 'f32', shape: '[rows, dim]' },
  },
  params: { rows: 'u32', dim: 'u32' },
  workgroupSize: () => 64,
  body: () => wgsl`
${invocationFor('params.rows')}
  let at = index * params.dim;
  var square = 0f;
  for (var k = 0u; k < params.dim; k++) { let value = source[at + k]; square += value * value; }
  if (square > 0f) {
    let scale = 1f / sqrt(square);
    for (var k = 0u; k < params.dim; k++) { unit[at + k] = source[at + k] * scale; }
  }
}`,
});

/** A shifted power iteration, one invocation a row: unit[i] = normalize(source[i] + shift · sign(strengths[i]) · unit[i]). */
export const shiftRows = defineKernel({
  name: 'shiftRows',
  bindings: {
    source: { access: 'read', of: 'f32', shape: '[rows, dim]' },
    strengths: { access: 'read', of: 'f32', shape: '[rows]' },
    unit: { access: 'read_write', of: 'f32', shape: '[rows, dim]' },
  },
  params: { rows: 'u32', dim: 'u32', shift: 'f32' },
  workgroupSize: () => 64,
  body: () => wgsl`
${invocationFor('params.rows')}
  let at = index * params.dim;
  let signed = params.shift * sign(strengths[index]);
  var square = 0f;
  for (var k = 0u; k < params.dim; k++) { let value = source[at + k] + signed * unit[at + k]; square += value * value; }
  if (square > 0f) {
    let scale = 1f / sqrt(square);
    for (var k = 0u; k < params.dim; k++) { unit[at + k] = scale * (source[at + k] + signed * unit[at + k]); }
  }
}`,
});
