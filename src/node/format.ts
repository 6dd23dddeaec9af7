// Numbers and names as people read them; used by the reports of the command line and of `npm start`.
import type { AdapterDescription } from '../index.js';

/** 61,305 */
export const count = (value: number): string => value.toLocaleString('en-US');

/** 5 × 201 × 61 */
export const shapeText = (shape: readonly number[]): string => shape.join(' × ');

/** Eight digits after the leading one's place, or an exponent where zeros would hide them: 0.025048517, 3.553e-15. */
export function errorText(value: number): string {
  if (!Number.isFinite(value) || value === 0) return String(value);
  return value < 1e-3 ? value.toExponential(3) : value.toFixed(9);
}

/** Six significant digits: 186.671, 2.04503e+4. */
export function numberText(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && (size >= 1e6 || size < 1e-4) ? value.toExponential(5) : String(Number(value.toPrecision(6)));
}

export const secondsText = (seconds: number): string => `${seconds.toFixed(seconds < 10 ? 2 : 0)} s`;

/** SwiftShader driver 5.0.0 (google swiftshader, software) */
export function adapterText({ vendor, architecture, description, software }: AdapterDescription): string {
  const details = [[vendor, architecture].filter(Boolean).join(' '), software ? 'software' : ''].filter(Boolean);
  const name = description || 'unnamed adapter';
  return details.length > 0 ? `${name} (${details.join(', ')})` : name;
}
