// The parts of `npm run reproduce -- feedback-alignment wrong-labels tensorized-network`, with tiny settings.
import { describe, expect, test } from 'vitest';
import { pixels } from '../../bench/reproduce/digits.js';
import { bestApproximation, measureFeedback, planted } from '../../bench/reproduce/feedback-alignment.js';
import { drawSvg } from '../../bench/reproduce/figure.js';
import { expectedCalibrationError, softmax, trainNetwork, type Labeled } from '../../bench/reproduce/network.js';
import { measureNetworks, networkClaims } from '../../bench/reproduce/tensorized-network.js';
import type { NetworkRun } from '../../bench/reproduce/tensorized-network-cells.js';
import { inBlocks, labelClaims, measureWrongLabels } from '../../bench/reproduce/wrong-labels.js';
import type { LabelCell, LabelState } from '../../bench/reproduce/wrong-labels-cells.js';
import { openCpu } from '../../src/backend/cpu/index.js';
import { randomStream } from '../../src/random/stream.js';

const marksIn = (svg: string, kind: string): number => svg.split(`aria-roledescription="${kind}"`).length - 1;
const failing = (claims: readonly { claim: string; holds: boolean }[]): string[] =>
  claims.filter(({ holds }) => !holds).map(({ claim }) => claim);

describe('feedback alignment', () => {
  test('the matrices have rank 8', () => {
    const { matrix } = planted(0);
    expect(bestApproximation(matrix, 7)).toBeGreaterThan(0.01);
    expect(bestApproximation(matrix, 8)).toBeLessThan(1e-14);
  });

  test('a short run: a cell per update and width, and claims that hold but where descent has not arrived', async () => {
    using backend = openCpu();
    const { claims, cells, figures } = await measureFeedback(
      backend,
      { widths: [3, 8], seeds: 1, steps: 2500 },
      () => undefined,
    );
    expect(claims).toHaveLength(5);
    const kinds = [...new Array<string>(6).fill('error'), 'alignment', 'alignment'];
    expect(cells).toMatchObject(kinds.map((kind) => ({ kind })));
    expect(failing(claims)).toEqual([]);
    const errors = await drawSvg(figures['errors'] ?? expect.fail('no figure of errors'));
    // One per matrix and update in both panels.
    expect(marksIn(errors, 'circle')).toBe(12);
    expect(await drawSvg(figures['alignment'] ?? expect.fail('no figure of alignments'))).toContain('cosine of Z');
    const begun = await measureFeedback(backend, { widths: [3, 8], seeds: 1, steps: 5 }, () => undefined);
    expect(failing(begun.claims)).toEqual(claims.slice(0, 4).map(({ claim }) => claim));
    expect(backend.liveBuffers).toBe(0);
  });
});

describe('wrong labels', () => {
  test('blocks of pixels: every pattern is its own index, and nothing is lost', () => {
    const image = Uint32Array.from({ length: 2 * pixels }, (_, at) => (at % 3 === 0 || at % 7 === 0 ? 1 : 0));
    expect(inBlocks(image, 1)).toEqual(image);
    const blocks = inBlocks(image, 2);
    expect(blocks).toHaveLength((2 * pixels) / 4);
    const [first = 0, second = 0] = blocks;
    const bits = (pattern: number): number[] => [8, 4, 2, 1].map((bit) => (pattern & bit ? 1 : 0));
    expect(bits(first)).toEqual([image[0], image[1], image[28], image[29]]);
    expect(bits(second)).toEqual([image[2], image[3], image[30], image[31]]);
    expect(bits(blocks[196 + 195] ?? 0)).toEqual([754, 755, 782, 783].map((at) => image[pixels + at]));
  });

  test('a tiny run: a cell per share of flips, claims and a figure', async () => {
    using backend = openCpu();
    const plan = { train: 200, held: 60, test: 60, rank: 2, steps: 50, flips: [0, 0.3], seeds: 1, blocks: [2] };
    const { claims, cells, figures } = await measureWrongLabels(backend, plan, () => undefined);
    expect(claims).toHaveLength(4);
    expect(cells).toMatchObject([0, 0.3].map((flips) => ({ order: 196, flips })));
    for (const { history } of cells) expect(history.map(({ step }) => step)).toEqual([0, 50]);
    expect(cells[0]?.history.map(({ distance }) => distance > 0)).toEqual([false, true]);
    const steps = await drawSvg(figures['steps'] ?? expect.fail('no figure of steps'));
    for (const label of ['0 % flipped', '30 % flipped', 'distance from the start']) expect(steps).toContain(label);
    expect(backend.liveBuffers).toBe(0);
  });

  test('claims fail where the wrong labels are not learned, or at once', () => {
    const state = (step: number, wrong: number, testShare: number, distance: number): LabelState => ({
      step,
      right: 0.97,
      wrong,
      test: testShare,
      heldOut: 0.3,
      huber: 0.3,
      distance,
    });
    const cell = (flips: number, chosen: LabelState, end: LabelState): LabelCell => ({
      kind: 'labels',
      order: 196,
      flips,
      seed: 0,
      chosen,
      chosenByHuber: chosen,
      end,
      history: [chosen, end],
      seconds: 1,
    });
    const early = state(100, 0.05, 0.97, 0.1);
    const late = state(2000, 0.6, 0.8, 0.5);
    const clean = cell(0, state(300, 0, 0.98, 0.3), state(2000, 0, 0.98, 0.4));
    expect(failing(labelClaims([clean, cell(0.3, early, late)]))).toEqual([]);
    expect(failing(labelClaims([clean, cell(0.3, early, early)]))).toHaveLength(3);
    expect(failing(labelClaims([clean, cell(0.3, late, late)]))).toHaveLength(4);
  });
});

describe('tensorized networks', () => {
  test('the calibration error is the gap of confidence and accuracy, bin by bin', () => {
    const told = [
      { confidence: 0.9, isRight: true },
      { confidence: 0.9, isRight: false },
      { confidence: 0.5, isRight: true },
      { confidence: 1, isRight: true },
    ];
    // (|1 − 1.8| + |1 − 0.5| + |1 − 1|) / 4
    expect(expectedCalibrationError(told)).toBeCloseTo(0.325, 14);
    const { data } = softmax({ rows: 2, columns: 2, data: Float64Array.of(0, Math.log(3), 1000, 1000) });
    expect(Array.from(data, (value) => Math.round(1e12 * value) / 1e12)).toEqual([0.25, 0.75, 0.5, 0.5]);
  });

  /** Two classes by the sign of x₀ x₁, which no linear map can tell. */
  function signs(count: number, stream: number): Labeled {
    const data = randomStream(1, stream).fillNormal(new Float64Array(4 * count));
    const classes = Uint8Array.from({ length: count }, (_, e) => (data[4 * e]! * data[4 * e + 1]! > 0 ? 1 : 0));
    return { inputs: { rows: count, columns: 4, data }, classes };
  }

  test.each([
    { name: 'full matrices', rank: undefined, prior: false },
    { name: 'tensors under the prior', rank: 12, prior: true },
  ])('$name: learn what is not linear', ({ rank, prior }) => {
    const layers = [
      { inputShape: [2, 2], outputShape: [4, 4], rank },
      { inputShape: [4, 4], outputShape: [2], rank },
    ] as const;
    const plan = { layers, epochs: 20, batchSize: 20, learningRate: 0.02, prior, seed: 1 };
    const { accuracy, ranks, parameters, history } = trainNetwork(plan, signs(600, 2), signs(300, 3));
    expect(accuracy).toBeGreaterThan(0.9);
    expect(history).toHaveLength(20);
    if (rank === undefined) expect([ranks, parameters]).toEqual([[], 4 * 16 + 16 * 2 + 18]);
    else {
      expect(ranks.every((own) => own >= 1 && own <= rank)).toBe(true);
      expect(Math.min(...ranks)).toBeLessThan(rank);
      expect(parameters).toBe(12 * ranks[0]! + 10 * ranks[1]! + 18);
    }
  });

  test('a tiny run: every network, claims and a figure', async () => {
    const plan = { train: 100, test: 50, epochs: 1, widths: [4, 3], fixed: [[2, 2]], seeds: 1 } as const;
    const { claims, cells, figures } = measureNetworks(plan, () => undefined);
    expect(cells).toMatchObject(
      ['full matrices', 'ranks 2 and 2', 'ranks by the prior'].map((network) => ({ network })),
    );
    expect(claims).toHaveLength(4);
    expect(await drawSvg(figures['ranks'] ?? expect.fail('no figure of ranks'))).toContain('test accuracy');
  });

  test('claims fail for ranks that stay, too many numbers, and worse answers', () => {
    const run = (network: string, accuracy: number, parameters: number, ranks: number[]): NetworkRun => ({
      kind: 'network',
      network,
      seed: 0,
      history: [],
      accuracy,
      loss: 0.1,
      calibrationError: 0.1 * (1 - accuracy),
      ranks,
      parameters,
      cpuSeconds: 1,
    });
    const plan = { train: 1, test: 1, epochs: 1, widths: [9, 9], fixed: [], seeds: 1 } as const;
    const full = run('full matrices', 0.95, 2000, []);
    expect(failing(networkClaims([full, run('ranks by the prior', 0.96, 100, [3, 4])], plan))).toEqual([]);
    expect(failing(networkClaims([full, run('ranks by the prior', 0.9, 101, [3, 9])], plan))).toHaveLength(4);
  });
});
