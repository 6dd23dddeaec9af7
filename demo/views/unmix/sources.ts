// Sounds made by formula, each of another kind, so that none is Gaussian and no two have to do with one another: plucked strings, a
// square-wave melody, a rattle, a siren, bells. The seed chooses notes, times and noise.
import { randomOf } from '../../random.js';

/** Samples a second. */
export const rate = 12_000;
export const seconds = 3;
export const samples = rate * seconds;

type Random = () => number;

export const kinds = ['strings', 'melody', 'rattle', 'siren', 'bells'] as const;

const makers: Record<(typeof kinds)[number], (random: Random) => Float64Array> = {
  strings: plucked,
  melody: squareWave,
  rattle,
  siren,
  bells,
};

/** The first `count` kinds, mean 0 and variance 1 each, `[count][samples]`. */
export function sources(count: number, seed: number): Float64Array[] {
  return kinds.slice(0, count).map((kind, k) => standardized(makers[kind](randomOf(seed + 7919 * (k + 1)))));
}

/** Karplus and Strong's plucked string: a delay line of noise, averaged on every round (Computer Music Journal 7, 1983). */
function plucked(random: Random): Float64Array {
  const sound = new Float64Array(samples);
  for (let begin = 0; begin < samples; begin += Math.round(rate * (0.2 + 0.15 * random()))) {
    const period = Math.round(rate / note(random, 220));
    const line = Float64Array.from({ length: period + 1 }, () => 2 * random() - 1);
    for (let t = begin, at = 0; t < samples; t++, at = (at + 1) % line.length) {
      sound[t]! += line[at]!;
      line[at] = 0.498 * (line[at]! + line[(at + 1) % line.length]!);
    }
  }
  return sound;
}

function squareWave(random: Random): Float64Array {
  let frequency = 0;
  let phase = random();
  let left = 0;
  return fill(() => {
    if (left-- <= 0) {
      frequency = note(random, 165);
      left = rate * (0.13 + 0.1 * random());
    }
    phase += frequency / rate;
    return phase % 1 < 0.5 ? 1 : -1;
  });
}

/** Noise that swells and fades. */
function rattle(random: Random): Float64Array {
  const period = 0.14 + 0.05 * random();
  const phase = random();
  let low = 0;
  return fill((time) => {
    low += 0.45 * (2 * random() - 1 - low);
    return low * (0.05 + Math.sin(Math.PI * (time / period + phase)) ** 4);
  });
}

/** A sawtooth whose pitch goes up and down. */
function siren(random: Random): Float64Array {
  const speed = 0.5 + 0.4 * random();
  const middle = 380 + 120 * random();
  const turn = random();
  let phase = random();
  return fill((time) => {
    phase += (middle * (1 + 0.35 * Math.sin(2 * Math.PI * (speed * time + turn)))) / rate;
    return 2 * (phase % 1) - 1;
  });
}

/** Frequency modulation with an inharmonic ratio, dying away (Chowning, J. Audio Eng. Soc. 21, 1973). */
function bells(random: Random): Float64Array {
  const strokes = Array.from({ length: 9 }, (_, k) => ({
    begin: (seconds * (k + 0.7 * random())) / 9,
    frequency: note(random, 440),
  }));
  return fill((time) =>
    strokes.reduce((sum, { begin, frequency }) => {
      const since = time - begin;
      if (since < 0) return sum;
      const angle = 2 * Math.PI * frequency * since;
      return sum + Math.exp(-14 * since) * Math.sin(angle + 2 * Math.exp(-6 * since) * Math.sin(1.4 * angle));
    }, 0),
  );
}

/** A note of a pentatonic scale over two octaves. */
const note = (random: Random, lowest: number): number => {
  const steps = [0, 3, 5, 7, 10, 12, 15, 17, 19, 22];
  return lowest * 2 ** (steps[Math.floor(steps.length * random())]! / 12);
};

const fill = (valueAt: (time: number) => number): Float64Array =>
  Float64Array.from({ length: samples }, (_, t) => valueAt(t / rate));

export function standardized(sound: Float64Array): Float64Array {
  const mean = sound.reduce((sum, value) => sum + value, 0) / sound.length;
  const variance = sound.reduce((sum, value) => sum + (value - mean) ** 2, 0) / sound.length;
  return sound.map((value) => (value - mean) / Math.sqrt(variance));
}
