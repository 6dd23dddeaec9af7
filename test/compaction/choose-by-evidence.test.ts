// The choice among models of more and fewer components, and what keeps it from being called plain.
import { expect, test } from 'vitest';
import { chooseByEvidence } from '../../src/compaction/choose-by-evidence.js';
import { evidence, isRival, mayBeNoise } from '../../src/compaction/evidence.js';

const sizes = { order: 3, dim: 20 };
const fitted = (components: number, relativeError: number) => ({
  components,
  relativeError,
  evidence: evidence(sizes, components, relativeError),
});
const three = fitted(3, 0.01);

test('the model with the most evidence, plainly, where the others are worse', () => {
  const two = fitted(2, 0.3);
  const four = fitted(4, 0.00999);
  expect(four.evidence).toBeLessThan(three.evidence - 3);
  expect(chooseByEvidence(sizes, [four, three, two])).toEqual({ chosen: three, plain: true });
});

test.each([
  [2.9, false],
  [3.1, true],
])('a larger model with %f nats less: plain %s', (nats, plain) => {
  const four = { ...fitted(4, 0.00999), evidence: three.evidence - nats };
  expect(chooseByEvidence(sizes, [four, three])).toEqual({ chosen: three, plain });
});

test('a smaller model as close does not count', () => {
  const two = { ...fitted(2, 0.3), evidence: three.evidence - 0.1 };
  expect(chooseByEvidence(sizes, [three, two])).toEqual({ chosen: three, plain: true });
});

test('a larger model with less evidence, but a gain that noise does not have, is a veto', () => {
  const rival = { ...fitted(6, 0.006), evidence: three.evidence - 100 };
  expect(isRival(sizes, rival, three)).toBe(true);
  expect(chooseByEvidence(sizes, [rival, three])).toEqual({ chosen: three, plain: false });
});

test('a smaller model takes the place where noise could explain what it lacks, and that is not plain', () => {
  const four = { ...fitted(4, 0.00999), evidence: three.evidence + 1 };
  expect(mayBeNoise(sizes, four, three)).toBe(true);
  expect(chooseByEvidence(sizes, [four, three])).toEqual({ chosen: three, plain: false });
});

test('evidence below five nats is not plain', () => {
  expect(chooseByEvidence(sizes, [{ ...three, evidence: 4.9 }]).plain).toBe(false);
  expect(chooseByEvidence(sizes, [{ ...three, evidence: 5 }]).plain).toBe(true);
});
