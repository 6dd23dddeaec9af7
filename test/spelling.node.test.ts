// American spelling in identifiers and prose, as npm and this field have it (optimizer, normalize, parametrization), and plain words.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dialectHits, dialectIn } from './support/dialect.js';
import { projectFiles, root } from './support/project-files.js';

const stems =
  'optim normal parametr regular minim maxim initial vector matric factor general recogn organ summar symmetr synchron ' +
  'serial visual util penal quant random standard real central stabil character special equal diagonal local polar';
const patterns = [
  new RegExp(`(${stems.replaceAll(' ', '|')})is(e|ing|ation)`, 'gi'),
  /\w*(behaviour|colour|neighbour|favour|honour|labour|centre|fibre|licence|defence|artefact|analyse[^s]|grey)\w*/gi,
  /\b(modell|labell|travell|signall|levell|channell|total(?=l))(ed|ing|er)\b/gi,
];

function britishWords(text: string): string[] {
  return patterns.flatMap((pattern) => text.match(pattern) ?? []);
}

test('the source is spelled the American way', () => {
  const files = projectFiles(['src', 'shaders', 'demo', 'bench', 'docs', 'test'], /\.(m?[jt]s|html|css|md)$/);
  const checked = [...files, ...projectFiles(['.'], /^README\.md$/).filter((file) => file === 'README.md')];
  const found = checked
    .filter((file) => !file.startsWith('test/spelling'))
    .flatMap((file) => britishWords(readFileSync(join(root, file), 'utf8')).map((word) => `${file}: ${word}`));
  expect(found, 'expected American spelling (optimizer, labeled, color)').toEqual([]);
});

test('the word list finds words inside identifiers, and leaves good ones alone', () => {
  expect(britishWords('normaliseRows, Optimiser, parametrisation, backgroundColour')).toHaveLength(4);
  expect(britishWords('otherwise, precise, raise, organism, normalize, analyses, real isolation')).toEqual([]);
});

test('words are plain English', () => {
  const found = dialectHits().map(({ file, words, instead }) => `${file}: ${words}. Write: ${instead}`);
  expect(found).toEqual([]);
});

test('the list finds dialect in prose and in identifiers, and leaves good words alone', () => {
  expect(dialectIn('', 'one a mode; mostRows; is too dear; the adapter likes').map(({ words }) => words)).toHaveLength(
    4,
  );
  expect(dialectIn('', 'one per mode; maxRows; leastSquaresFit; most of it; dear reader')).toEqual([]);
});
