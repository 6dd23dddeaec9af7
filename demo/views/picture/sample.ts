// A picture made by formula, like a photograph of a town across the water at dusk: a sky that glows around the sun, a ridge of hills,
// houses with lit windows, and all of it again in the water, dimmer and rippled. The seed moves everything.
import { randomOf } from '../../random.js';
import type { Picture } from './picture.js';

type Color = readonly [red: number, green: number, blue: number];

interface House {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly wall: Color;
  readonly lit: number;
}

/** Where the water begins, from the top. */
const shore = 0.66;
/** Windows a unit of length; the floors of all houses are level. */
const windowsAcross = 17;
const floors = 15;
const warm: Color = [255, 196, 110];

/** `size` × `size` pixels; the same seed is the same picture at every size. */
export function sample(size: number, seed: number): Picture {
  const random = randomOf(seed);
  const scene = townAtDusk(random);
  const data = new Uint8ClampedArray(3 * size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      data.set(scene((column + 0.5) / size, (row + 0.5) / size), 3 * (row * size + column));
    }
  }
  return { height: size, width: size, data };
}

/** The color at (x, y), both from 0 to 1, y downward. */
function townAtDusk(random: () => number): (x: number, y: number) => Color {
  const between = (min: number, max: number): number => min + (max - min) * random();
  const sunX = between(0.2, 0.8);
  const sunY = between(0.3, 0.45);
  const waves = Array.from({ length: 3 }, (_, k) => ({
    frequency: between(2, 4) * (k + 1),
    phase: between(0, 2 * Math.PI),
    size: between(0.02, 0.05) / (k + 1),
  }));
  const houses = Array.from({ length: 7 }, (_, k): House => {
    const left = 0.04 + 0.135 * k + between(0, 0.03);
    const wall: Color = [between(40, 120), between(40, 90), between(50, 110)];
    return { left, right: left + between(0.07, 0.12), top: between(0.3, 0.52), wall, lit: between(0.3, 0.9) };
  });
  const ripple = between(70, 110);

  const above = (x: number, y: number): Color => {
    const house = houses.find(({ left, right, top }) => x >= left && x < right && y >= top);
    if (house) return facade(house, x, y);
    const ridge = waves.reduce((sum, { frequency, phase, size }) => sum + size * Math.sin(frequency * x + phase), 0.5);
    const glow = Math.exp(-((x - sunX) ** 2 + (y - sunY) ** 2) / 0.05);
    const sky = mix(mix([38, 58, 120], [236, 140, 110], Math.min(1, y / 0.55)), [255, 226, 160], 0.85 * glow);
    return mix(sky, [58, 62, 84], smoothStep((y - ridge) / 0.02));
  };
  return (x, y) => {
    if (y < shore) return above(x, y);
    const depth = (y - shore) / (1 - shore);
    const light = 0.62 - 0.3 * depth + 0.1 * Math.sin(ripple * y);
    return mix([14, 24, 48], above(x, shore - 0.9 * (y - shore) - 0.003), light);
  };
}

function facade({ left, wall, lit }: House, x: number, y: number): Color {
  const u = ((x - left) * windowsAcross) % 1;
  const v = (y * floors) % 1;
  return u > 0.25 && u < 0.75 && v > 0.4 && v < 0.9 ? mix(wall, warm, lit) : wall;
}

const mix = (a: Color, b: Color, share: number): Color =>
  [0, 1, 2].map((k) => (1 - share) * a[k]! + share * b[k]!) as unknown as Color;

const smoothStep = (t: number): number => {
  const inside = Math.min(1, Math.max(0, t + 0.5));
  return inside * inside * (3 - 2 * inside);
};
