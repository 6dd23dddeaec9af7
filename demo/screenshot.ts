// Writes demo/screenshot.png, the picture in README: `npm run demo:screenshots`. The page runs to its end first.
// With a folder as argument it also writes the dark, the narrow and the dense views there, for whoever works on the page.
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { serveDemo, type ServedDemo } from './browser-page.js';

interface Shot {
  readonly file: string;
  readonly hash?: string;
  readonly dark?: boolean;
  readonly width: number;
  /** Default: the whole page. */
  readonly height?: number;
}

const folder = process.argv[2];
const readme: Shot = {
  file: fileURLToPath(new URL('./screenshot.png', import.meta.url)),
  hash: '/discover?backend=cpu',
  width: 1100,
  height: 1326,
};
const others: Shot[] = folder
  ? [
      { file: join(folder, 'light.png'), width: 1280 },
      { file: join(folder, 'dark.png'), width: 1280, dark: true },
      { file: join(folder, 'phone.png'), width: 390 },
      { file: join(folder, 'phone-dark.png'), width: 390, dark: true },
      { file: join(folder, 'dense.png'), width: 1280, hash: '/discover?problem=planted' },
    ]
  : [];

const demo = await serveDemo();
try {
  for (const shot of [readme, ...others]) await take(demo, shot);
} finally {
  await demo.close();
}

async function take(
  { browser, url }: ServedDemo,
  { file, hash = '', dark = false, width, height }: Shot,
): Promise<void> {
  const page = await browser.newPage();
  await page.setViewport({ width, height: height ?? 900, deviceScaleFactor: 1 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]);
  await page.goto(`${url}#${hash}`);
  await page.waitForSelector('[data-phase=finished]', { timeout: 120_000 });
  await page.screenshot({ path: file, fullPage: height === undefined });
  await page.close();
  process.stdout.write(`${file}\n`);
}
