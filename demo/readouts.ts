// The words and numbers of the page: the strip of readings, the status line that screen readers hear, the notice about
// the backend, and the sentence that says what is being shown.
import type { Progress } from '../src/index.js';
import { countFound, leastShare, owners } from './comparison.js';
import type { Configuration } from './configuration.js';
import { element } from './elements.js';
import { formatCount, formatNumber, formatSeconds, plural } from './format.js';
import type { Opened, Outcome } from './messages.js';

export function showProgress({ step, seconds, relativeError, phase }: Progress): void {
  reading('step', step, formatCount(step));
  reading('error', relativeError, formatNumber(relativeError));
  reading('seconds', seconds, formatSeconds(seconds));
  element('step-note').textContent = phase === 'polish' ? 'float64 finish' : '';
}

export function showOutcome(outcome: Outcome, truthWeights: readonly number[]): void {
  const { steps, relativeError, seconds, cosines, weights, matchScore, stop } = outcome;
  const found = countFound(cosines, weights, truthWeights);
  reading('step', steps, formatCount(steps));
  reading('error', relativeError, formatNumber(relativeError));
  reading('seconds', seconds, formatSeconds(seconds));
  reading('found', found, `${found} of ${truthWeights.length}`);
  reading('score', matchScore ?? NaN, matchScore === undefined ? '–' : matchScore.toFixed(4));
  element('score-note').textContent = matchScore === undefined ? 'needs m = r' : '';
  element('stop').textContent = stop;
}

export function clearReadings(): void {
  for (const name of ['step', 'error', 'seconds', 'found', 'score']) reading(name, NaN, '–');
  for (const name of ['step-note', 'score-note', 'stop']) element(name).textContent = '';
}

/** `<data>` holds the exact number, its text the rounded one. */
function reading(name: string, value: number, text: string): void {
  const data = element(name) as HTMLDataElement;
  data.value = Number.isNaN(value) ? '' : String(value);
  data.textContent = text;
}

export const stepShown = (): string => element('step').textContent.replace('–', '0');

export function setStatus(text: string): void {
  element('status').textContent = text;
}

export function outcomeSentence({ stop, steps, relativeError, advice }: Outcome): string {
  const after = `after ${plural(steps, 'step')}, relative error ${formatNumber(relativeError)}`;
  switch (stop) {
    case 'converged':
      return `Converged ${after}.`;
    case 'stepLimit':
      return `Step limit ${after}. ${advice}`;
    case 'diverged':
      return `Diverged ${after}. ${advice}`;
    case 'aborted':
      return `Stopped ${after}.`;
    case 'deviceLost':
      return `The GPU was lost ${after}. ${advice}`;
    default:
      return stop satisfies never;
  }
}

/** Under the heat map: how the components share the truth. */
export function matchSentence({ cosines, weights }: Outcome, truthWeights: readonly number[]): string {
  const known = owners(cosines, weights.length);
  const largest = Math.max(...truthWeights.map(Math.abs));
  const heavy = weights.map((weight) => Math.abs(weight) >= leastShare * largest);
  const counts = truthWeights.map((_, t) => known.filter((owner, f) => owner === t && heavy[f]).length);
  const aside = known.filter((owner, f) => owner < 0 && heavy[f]).length;
  const idle = heavy.filter((one) => !one).length;
  const split = counts.some((count) => count > 1) ? `, in shares of ${counts.join(', ')}` : '';
  const along = `${plural(
    counts.reduce((a, b) => a + b, 0),
    'component',
  )} along the true ones${split}`;
  return `${along}; ${aside === 0 ? 'none' : aside} elsewhere; ${idle === 0 ? 'none' : idle} with next to no weight.`;
}

export function showBackend({ backend, adapter, reason, webgpu }: Opened): void {
  const name = [adapter.vendor, adapter.architecture, adapter.description].filter(Boolean).join(' ');
  const kind = backend === 'webgpu' ? 'WebGPU, float32' : 'CPU, float64';
  element('backend').textContent = backend === 'webgpu' && name ? `${kind} · ${name}` : kind;
  element('backend-reason').textContent = reason;
  element('notice').textContent = backend === 'cpu' && reason !== 'asked for by name' ? cpuNotice(webgpu) : '';
}

export function clearBackend(): void {
  element('backend').textContent = 'opening …';
  element('backend-reason').textContent = '';
  element('notice').textContent = '';
}

function cpuNotice(webgpu: boolean): string {
  const how = webgpu
    ? 'Turn on hardware acceleration in the settings of the browser; on Linux, Chrome may also need chrome://flags/#enable-unsafe-webgpu.'
    : isSecureContext
      ? 'Chrome and Edge from version 113 have it, Safari from 26, Firefox from 141 on Windows.'
      : 'Browsers offer it on https and localhost only.';
  return `This runs on the CPU, which is plenty for problems of this size. WebGPU makes large ones fast: ${how}`;
}

/** The paragraph under the title. */
export function introduction({ problem, order, dim, rank, width, noise }: Configuration): string {
  const shape = new Array<number>(order).fill(dim).join(' × ');
  const tensor = `A ${shape} tensor was built from ${plural(rank, 'hidden rank-one part')}`;
  return problem === 'symmetric'
    ? `${tensor}. Gradient descent is given the tensor alone and starts from ${plural(width, 'tiny random component')}. Most of them stay tiny; a few grow, one after the other, into the hidden parts.`
    : `${tensor}${noise > 0 ? ` and a little noise` : ''}. Alternating least squares is given the tensor and the number of components, ${width}, and starts from several random guesses at once. The best one is shown.`;
}

export function errorTolerance({ problem, tolerance }: Configuration): number | undefined {
  return problem === 'symmetric' ? tolerance : undefined;
}
