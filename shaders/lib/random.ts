// Random numbers on the device: the Philox4x32-10 of src/random/philox.ts, word for word, and normal numbers that float32 holds well.
// A uniform takes the 23 high bits of one word, so that it is exact in float32 and never 0 or 1:
//   uniform = (⌊word / 2⁹⌋ + ½) / 2²³       normals = √(−2 ln u) (cos 2πv, sin 2πv)   (Box & Muller 1958; twin: src/random/draws.ts)
// Sine and cosine of at most π/4 by their series: those of WGSL may be off by 2⁻¹¹.

export const randomFunctions = `
fn multiplyHigh(a: u32, b: u32) -> u32 {
  let aLow = a & 0xffffu;
  let aHigh = a >> 16u;
  let bLow = b & 0xffffu;
  let bHigh = b >> 16u;
  let middle = aHigh * bLow + ((aLow * bLow) >> 16u);
  let carry = aLow * bHigh + (middle & 0xffffu);
  return aHigh * bHigh + (middle >> 16u) + (carry >> 16u);
}

/** Block high · 2³² + low of a stream. */
fn randomBlock(seed: vec2u, stream: u32, low: u32, high: u32) -> vec4u {
  var counter = vec4u(low, high, stream, 0u);
  var key = seed;
  for (var round = 0u; round < 10u; round++) {
    let high0 = multiplyHigh(0xd2511f53u, counter.x);
    let high1 = multiplyHigh(0xcd9e8d57u, counter.z);
    counter = vec4u(
      high1 ^ counter.y ^ key.x, 0xcd9e8d57u * counter.z,
      high0 ^ counter.w ^ key.y, 0xd2511f53u * counter.x,
    );
    key += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return counter;
}

fn uniformOf(word: u32) -> f32 { return (f32(word >> 9u) + 0.5f) * ${2 ** -23}f; }

fn normalsOf(first: u32, second: u32) -> vec2f {
  let radius = sqrt(-2f * log(uniformOf(first)));
  let turn = uniformOf(second);
  let quarter = floor(4f * turn + 0.5f);
  let angle = 6.2831853f * (turn - 0.25f * quarter);
  let x = angle * angle;
  let cosine = 1f - x * (0.5f - x * (${1 / 24}f - x * (${1 / 720}f - x * ${1 / 40320}f)));
  let sine = angle * (1f - x * (${1 / 6}f - x * (${1 / 120}f - x * (${1 / 5040}f - x * ${1 / 362880}f))));
  let side = u32(quarter) & 3u;
  let along = vec2f(cosine, sine);
  let across = vec2f(-sine, cosine);
  let turned = select(along, across, (side & 1u) == 1u);
  return radius * select(turned, -turned, side >= 2u);
}`;
