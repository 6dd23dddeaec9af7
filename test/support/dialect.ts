// Words and phrases that a reader of this field stumbles over, each with what to write instead. `npx tsx test/support/dialect.ts` counts
// them, by folder and by word.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectFiles, root } from './project-files.js';

const things =
  'mode|start|sweep|sample|row|column|component|step|entry|cell|seed|line|run|problem|state|unknown|value|loss';
const machines = 'adapter|compiler|GPU|device|browser|page|worker|kernel|machine|backend|solver';

const dialect: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [
    new RegExp(`\\b(?:one|two|three|four|five|ten|\\d+) an? (?:${things})\\b`, 'gi'),
    'one per mode, per start, per sweep',
  ],
  [/\bdear(?:er|est)\b|\b(?:too|as|so|is|are|how) dear\b|\bdear (?:enough|ones?)\b/gi, 'expensive'],
  [/\b(?:most|least|few|fewest)(?!Squares)[A-Z]\w*/g, 'maxX, minX, xThreshold'],
  [/\b\w*(?:Tastes?|\btastes?)\b/g, 'TileConfig, settings, choice'],
  [/\bbreath(?:e|es|ing)?\b/gi, 'yield, yieldIfDue()'],
  [/\bdeaf(?:ness)?\b/gi, 'pollIntervalMs'],
  [/\bhopeless\w*/gi, 'what limit was reached: maxDamping, giveUpRatio'],
  [/\brestless\b/gi, 'noisyGradient, still changes'],
  [/\bvain\b|\bmostVain\b/gi, 'failedStages, without success'],
  [/\beyes of\b/gi, 'as the float64 finish evaluates it'],
  [/\bjudge[ds]?\b|\bworthwhile\b/gi, 'updateBest, minRelativeImprovement, evaluate'],
  [/\bworth (?:its|their) numbers\b|\bpays? for (?:its|their) numbers\b/gi, 'reduces the description length'],
  [/\b(?:has|have|had) come to\b/gi, 'has recovered, has reached'],
  [/\bwaits? for its orders\b/gi, 'too small to benefit from a GPU'],
  [new RegExp(`\\b(?:${machines})s? (?:likes?|wants?|sees?|hears?)\\b`, 'gi'), 'uses, needs, reads, receives'],
  [/\b(?:hull|movedBy|busyGroups)\b/g, 'boundingRange, shift, workgroupsToFill'],
  [
    /\b(?:isSaying|tryFewest|blindBelow|onTheWay|lossless)\b/g,
    'isOverdetermined, tryMinimalRank, rankCutoff, coarsePolish, exactTolerance',
  ],
  [/\bconst (?:plenty|alike|looks)\b/g, 'a name that says what is measured: stageTolerance, tieRatio'],
];

export interface Hit {
  readonly file: string;
  readonly words: string;
  readonly instead: string;
}

export const dialectIn = (file: string, text: string): Hit[] =>
  dialect.flatMap(([pattern, instead]) => (text.match(pattern) ?? []).map((words) => ({ file, words, instead })));

/** In all files that people read, but this list. */
export function dialectHits(): Hit[] {
  const files = projectFiles(['src', 'shaders', 'demo', 'bench', 'docs', 'test'], /\.(m?[jt]s|html|css|md)$/);
  return [...files, 'README.md']
    .filter((file) => !/^test\/(support\/dialect|spelling)/.test(file))
    .flatMap((file) => dialectIn(file, readFileSync(join(root, file), 'utf8')));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const count = (keys: readonly string[]): string =>
    [...new Set(keys)].map((key) => `${keys.filter((other) => other === key).length}\t${key}`).join('\n');
  const hits = dialectHits();
  console.log(count(hits.map(({ file }) => file.replace(/^(\w+)\/(?:([\w-]+)\/)?.*/, '$1/$2'))));
  console.log(count(hits.map(({ words, instead }) => `${words} → ${instead}`)));
  console.log(count(hits.map(({ file }) => file)));
}
