// Numbers as mantissa · 2^exponent, the exponent a whole number held as f32, so that long products neither over- nor
// underflow. All steps are exact. No frexp and ldexp: their results outside the normal range are up to the implementation.

/** WGSL functions exponentOf, powerOfTwo, scaleBy. */
export const scaledFunctions = `
/** ⌊log2 |x|⌋ for a normal x, 0 for zero and subnormal numbers. */
fn exponentOf(x: f32) -> i32 {
  let field = i32((bitcast<u32>(x) >> 23u) & 255u);
  return select(field - 127, 0, field == 0);
}

/** 2^exponent, −126 ≤ exponent ≤ 127. */
fn powerOfTwo(exponent: i32) -> f32 {
  return bitcast<f32>(u32(exponent + 127) << 23u);
}

/** x · 2^exponent: the largest float of its sign where that is too large, 0 where it is too small. */
fn scaleBy(x: f32, exponent: i32) -> f32 {
  let bounded = clamp(exponent, -280, 280);
  let first = clamp(bounded, -100, 100);
  let second = clamp(bounded - first, -100, 100);
  let value = x * powerOfTwo(first) * powerOfTwo(second) * powerOfTwo(bounded - first - second);
  return clamp(value, -3.4028234e38f, 3.4028234e38f);
}`;
