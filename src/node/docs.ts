// `npm run docs -- [OUT]`: the documents and the reference of every export as pages in OUT (out/docs), by TypeDoc. The options of the
// algorithms are a page of their own, made from their tables. Fails where a link leads nowhere, or a function says nothing about itself.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, ReflectionKind, type CommentDisplayPart } from 'typedoc';
import { rangeText } from '../algorithms/option-table.js';
import { algorithmKinds, optionTable, type AlgorithmOption } from '../index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = process.argv[2] ?? join(root, 'out', 'docs');

const optionsPage = join(root, 'out', 'options-of-algorithms.md');
mkdirSync(join(root, 'out'), { recursive: true });
writeFileSync(optionsPage, optionsOfAlgorithms());

const app = await Application.bootstrap({
  entryPoints: ['index', 'io/index', 'problems/index', 'worker/index'].map((name) => join(root, 'src', `${name}.ts`)),
  projectDocuments: [join(root, 'docs/*.md'), optionsPage],
  readme: join(root, 'README.md'),
  name: 'polyadic',
  out,
  tsconfig: join(root, 'tsconfig.json'),
  disableSources: true,
  disableGit: true,
  hideGenerator: true,
  githubPages: false,
  // Types of arguments that nobody names: they are shown, without a page of their own.
  validation: { notExported: false, notDocumented: false, invalidLink: true, rewrittenLink: true },
  // The types of npm run check are not looked at again.
  skipErrorChecking: true,
});
const project = await app.convert();
if (project) {
  for (const document of project.documents ?? []) document.name = headingOf(document.content);
  app.validate(project);
  for (const one of project.getReflectionsByKind(ReflectionKind.CallSignature))
    if (one.parent?.kind === ReflectionKind.Function && !one.comment?.summary.length)
      app.logger.error(`${one.parent.name} says nothing about itself`);
  await app.generateOutputs(project);
}
process.exitCode = app.logger.hasErrors() || app.logger.hasWarnings() ? 1 : 0;

function headingOf(content: CommentDisplayPart[]): string {
  const text = content.map((part) => part.text).join('');
  return /^# (.+)$/m.exec(text)?.[1] ?? text.slice(0, 40);
}

function optionsOfAlgorithms(): string {
  const sections = algorithmKinds.map((kind) => {
    const rows = Object.entries(optionTable(kind)).map(([name, option]) =>
      [`\`${name}\``, valuesOf(option), defaultOf(option), option.help].map(cell).join(' | '),
    );
    const table = ['option | values | default | what it does', '--- | --- | --- | ---', ...rows];
    return `## ${kind}\n\n${rows.length > 0 ? table.map((row) => `| ${row} |`).join('\n') : 'No options of its own.'}\n`;
  });
  return `# Options of the algorithms

\`algorithm: { kind: 'als', ridge: 1e-8 }\` in a program, \`--algorithm als --ridge 1e-8\` on the command line.

${sections.join('\n')}`;
}

function valuesOf(option: AlgorithmOption): string {
  if (option.type === 'number') return rangeText(option) + (option.unit === 'target' ? ', in units of the target' : '');
  if (option.type === 'switch') return 'true, false';
  if (option.type === 'choice') return option.values.map((value) => `'${value}'`).join(', ');
  return { modes: 'numbers of modes', model: 'components', record: 'an object' }[option.type];
}

function defaultOf(option: AlgorithmOption): string {
  if (option.usually !== undefined) return option.usually;
  if (option.type === 'switch') return String(option.default ?? option.isUsuallyOn ?? false);
  return 'default' in option && option.default !== undefined && option.type !== 'record' ? String(option.default) : '';
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
