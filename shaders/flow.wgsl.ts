// The 2-homogeneous flow in polar form: components Σ_i a_i e^{2ρ_i} ū_i^{⊗l} with unit rows ū_i and log norms ρ_i. Norms of
// 1e-15 and below are numbers like −35 here, so nothing underflows in float32; a weight e^{2ρ} that does is harmless.
import { defineKernel, read, readWrite, wgsl } from './kernel.js';

/**
 * A step of the flow, from A_i = E(·, ū_i, …, ū_i) and s_i = ⟨A_i, ū_i⟩, with η = rates[b], one invocation per component:
 *   ū_i ← normalize(ū_i − η · order · a_i (A_i − s_i ū_i)),   ρ_i ← min(ρ_i − η · radialFactor · (a_i s_i + λ), cap_b),
 * and weights[i] = a_i e^{2ρ_i}, λ = regularization, a_i = ±1 = signs, ρ_i = logNorms. Where rates[b] is 0 nothing changes, not by a
 * bit. Below the norm τ of the scalar-mode switch η is multiplied by (‖u_i‖ / τ)^{order − 2}; logModeSwitch is log τ, and as
 * −Infinity cannot be sent, "off" is any number below all ρ. The model is the first `rows` of `columns` vectors; a contraction has
 * `contracted` rows, the model's first, more than `rows` where others were contracted along.
 */
export const updatePolar = defineKernel({
  name: 'updatePolar',
  bindings: {
    contraction: read('[batch, contracted, dim]'),
    strengths: read('[batch, contracted]'),
    rates: read('[batch]'),
    caps: read('[batch]'),
    signs: read('[batch, rows]'),
    logNorms: readWrite('[batch, rows]'),
    vectors: readWrite('[batch, columns, dim], the model in the first rows'),
    weights: readWrite('[batch, columns]'),
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
  invocations: ['batch', 'rows'],
  work: ({ batch, rows, dim }) => 8 * batch * rows * dim,
  body: () => wgsl`
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
  weights[component] = a * exp(2f * next);`,
});

/** scales[b] = max_i |strengths[b, i]|, rates[b] = factor / scales[b] (0 for a scale of 0): the step size that suits the strongest direction. */
export const setRates = defineKernel({
  name: 'setRates',
  bindings: {
    strengths: read('[batch, rows]'),
    scales: readWrite('[batch]'),
    rates: readWrite('[batch]'),
  },
  params: { batch: 'u32', rows: 'u32', factor: 'f32' },
  invocations: ['batch'],
  body: () => wgsl`
  var scale = 0f;
  for (var i = 0u; i < params.rows; i++) { scale = max(scale, abs(strengths[index * params.rows + i])); }
  scales[index] = scale;
  rates[index] = select(0f, params.factor / scale, scale > 0f);`,
});

/** unit[i] = source[i] / ‖source[i]‖, one invocation per row; a zero row leaves unit[i] as it is. */
export const normalizeRows = defineKernel({
  name: 'normalizeRows',
  bindings: {
    source: read('[batch, rows, dim]'),
    unit: readWrite('[batch, rows, dim]'),
  },
  params: { batch: 'u32', rows: 'u32', dim: 'u32' },
  invocations: ['batch', 'rows'],
  work: ({ batch, rows, dim }) => 4 * batch * rows * dim,
  body: () => wgsl`
  let at = index * params.dim;
  var square = 0f;
  for (var k = 0u; k < params.dim; k++) { let value = source[at + k]; square += value * value; }
  if (square > 0f) {
    let scale = 1f / sqrt(square);
    for (var k = 0u; k < params.dim; k++) { unit[at + k] = source[at + k] * scale; }
  }`,
});

/**
 * unit[i] = normalize(source[i] + shift · sign(strengths[i]) · unit[i]), one invocation per row: a shifted power iteration from the unit
 * rows, with source[i] = T(·, unit[i], …), strengths[i] = T(unit[i], …). A zero sum leaves unit[i] as it is.
 */
export const shiftRows = defineKernel({
  name: 'shiftRows',
  bindings: {
    source: read('[batch, rows, dim]'),
    strengths: read('[batch, rows]'),
    unit: readWrite('[batch, rows, dim]'),
  },
  params: { batch: 'u32', rows: 'u32', dim: 'u32', shift: 'f32' },
  invocations: ['batch', 'rows'],
  work: ({ batch, rows, dim }) => 8 * batch * rows * dim,
  body: () => wgsl`
  let at = index * params.dim;
  let signed = params.shift * sign(strengths[index]);
  var square = 0f;
  for (var k = 0u; k < params.dim; k++) { let value = source[at + k] + signed * unit[at + k]; square += value * value; }
  if (square > 0f) {
    let scale = 1f / sqrt(square);
    for (var k = 0u; k < params.dim; k++) { unit[at + k] = scale * (source[at + k] + signed * unit[at + k]); }
  }`,
});
