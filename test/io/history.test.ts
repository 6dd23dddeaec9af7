// Histories as JSON columns and as CSV: everything is there, numbers read back exactly, and growing rows leave empty cells.
import { expect, test } from 'vitest';
import { decompose, factored, type Progress } from '../../src/index.js';
import { arrivalsToCsv, historyToCsv, historyToJson } from '../../src/io/index.js';
import { orthogonal } from '../../src/problems/index.js';

const { truth } = orthogonal({ order: 3, dim: 4, rank: 2, seed: 1, ratio: 1.5 });
const run = (kind: 'deflation' | 'beyondLazy') =>
  decompose(factored({ ...truth, dim: 4 }), { finish: 'none', algorithm: kind, width: 5, seed: 2, backend: 'cpu' });

test('a deflation run as columns survives JSON', async () => {
  const { history } = await run('deflation');
  const json = historyToJson(history);
  expect(JSON.parse(JSON.stringify(json))).toEqual(json);
  expect(json.step).toEqual(history.map(({ step }) => step));
  expect(json.deflation?.loss).toEqual(history.map(({ details }) => details.deflation?.loss));
  expect(json.deflation?.arrivals.map(({ component }) => component).sort()).toEqual([0, 1]);
});

test('a table reads back exactly', async () => {
  const { history } = await run('deflation');
  const [head = '', ...lines] = historyToCsv(history).trimEnd().split('\n');
  const names = head.split(',');
  expect(lines).toHaveLength(history.length);
  const last = history.at(-1) as Progress;
  const read = Object.fromEntries(names.map((name, at) => [name, Number(lines.at(-1)?.split(',')[at])]));
  expect(read).toMatchObject({
    step: last.step,
    relativeError: last.relativeError,
    loss: last.details.deflation?.loss,
    'norm 4': last.componentNorms[4],
    'correlation 0': last.details.deflation?.correlations[0],
    'share 1': last.details.deflation?.shares[1],
  });
  expect(arrivalsToCsv([{ component: 1, time: 2.5 }])).toBe('component,time\n1,2.5\n');
});

test('other runs have no columns of a deflation; shorter rows leave cells empty', async () => {
  const { history } = await run('beyondLazy');
  expect(historyToJson(history).deflation).toBeUndefined();
  const grown = [history[0], { ...history[0]!, componentNorms: [1, 2, 3, 4, 5, 6] }] as Progress[];
  const [head, first, second] = historyToCsv(grown).split('\n');
  expect(head).toBe('phase,step,seconds,relativeError,norm 0,norm 1,norm 2,norm 3,norm 4,norm 5');
  expect(first?.endsWith(',')).toBe(true);
  expect(second?.endsWith(',5,6')).toBe(true);
});
