// Writes the pictures in README, one of every view: `npm run demo:screenshots`. Each is taken of an address, so that anybody can open
// what the picture shows. With a folder as argument it also writes every view dark and as a phone sees it there, for whoever works
// on the page.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serveDemo, type ServedDemo } from './browser-page.js';

interface Shot {
  readonly file: string;
  readonly address: string;
  readonly dark?: boolean;
  readonly width: number;
  /** Default: the whole page. */
  readonly height?: number;
}

const pictures = fileURLToPath(new URL('./screenshots/', import.meta.url));
const folder = process.argv[2];
/** The height shows what matters; what is below goes on in the same way. */
const views = [
  { name: 'discover', address: '/discover?algorithms=deflation,staged&seed=2&backend=cpu', height: 1260 },
  { name: 'tensor', address: '/tensor?example=unemployment&backend=cpu', height: 1290 },
  { name: 'picture', address: '/picture?picture=sample&pictureSeed=1&hidden=70&backend=cpu', height: 1045 },
  { name: 'phase', address: '/phase?order=3&rank=4&backend=cpu', height: 860 },
  { name: 'unmix', address: '/unmix?sources=4&soundSeed=1&mixSeed=3&backend=cpu', height: 1220 },
];
const readme = views.map(({ name, address, height }): Shot => ({
  file: join(pictures, `${name}.png`),
  address,
  width: 1100,
  height,
}));
const others = views.flatMap(({ name, address }): Shot[] =>
  folder
    ? [
        { file: join(folder, `${name}-dark.png`), address, width: 1280, dark: true },
        { file: join(folder, `${name}-phone.png`), address, width: 390 },
      ]
    : [],
);

for (const one of [pictures, folder]) if (one) mkdirSync(one, { recursive: true });
const demo = await serveDemo();
try {
  for (const shot of [...readme, ...others]) await take(demo, shot);
} finally {
  await demo.close();
}

async function take({ browser, url }: ServedDemo, { file, address, dark = false, width, height }: Shot): Promise<void> {
  const page = await browser.newPage();
  await page.setViewport({ width, height: height ?? 900, deviceScaleFactor: 1 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]);
  await page.goto(`${url}#${address}`);
  await page.waitForSelector('[data-phase=finished]', { timeout: 120_000 });
  await page.screenshot({ path: file, fullPage: height === undefined });
  await page.close();
  process.stdout.write(`${file}\n`);
}
