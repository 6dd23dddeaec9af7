// What a screen reader and weak eyes need of every view, light and dark: a name for everything that can be pressed, filled in or is a
// picture, headings without gaps, no id twice, a live region, and text that stands out from its background by 4.5 : 1 (WCAG 2.1, AA).
import type { Page } from 'puppeteer';
import { expect, test } from 'vitest';
import { views } from '../../demo/views/views.js';
import { hasAnswer, usePages } from './pages.js';

const pages = usePages();

/** Text of HTML elements; of drawings only what has the page as its background. */
const contrasts = (page: Page): Promise<{ text: string; ratio: number }[]> =>
  page.evaluate(() => {
    const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    // A canvas knows every notation of a color.
    const bytesOf = (color: string): number[] => {
      context?.clearRect(0, 0, 1, 1);
      if (context) context.fillStyle = color;
      context?.fillRect(0, 0, 1, 1);
      return [...(context?.getImageData(0, 0, 1, 1).data ?? [])];
    };
    const luminance = (color: readonly number[]): number => {
      const [r = 0, g = 0, b = 0] = color.map((byte) => {
        const value = byte / 255;
        return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const backgroundOf = (node: Element): number[] => {
      for (let at: Element | null = node; at; at = at.parentElement) {
        const bytes = bytesOf(getComputedStyle(at).backgroundColor);
        if ((bytes[3] ?? 0) > 250) return bytes;
      }
      return [255, 255, 255, 255];
    };
    const hasText = (node: Element): boolean =>
      [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.textContent?.trim());
    const shown = [...document.querySelectorAll('body *')].filter(
      (node) => hasText(node) && node.getBoundingClientRect().width > 0 && !node.matches('.match .value'),
    );
    return shown.map((node) => {
      const { fill, color } = getComputedStyle(node);
      const ink = luminance(bytesOf(node instanceof SVGElement ? fill : color));
      const paper = luminance(backgroundOf(node));
      const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
      return { text: (node.textContent ?? '').slice(0, 40), ratio };
    });
  });

test.each(Object.keys(views).flatMap((name) => ['light', 'dark'].map((scheme) => [name, scheme] as const)))(
  '%s, %s',
  async (name, scheme) => {
    const page = await pages.open(`/${name}`, (fresh) =>
      fresh.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]),
    );
    await page.waitForSelector(`[data-view=${name}] h1`);
    await hasAnswer(page);

    const seen = await contrasts(page);
    expect(seen.length).toBeGreaterThan(20);
    expect(seen.filter(({ ratio }) => ratio < 4.5)).toEqual([]);

    const found = await page.evaluate(() => {
      const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)];
      const named = (node: HTMLElement): boolean =>
        ['aria-label', 'aria-labelledby'].some((name) => node.getAttribute(name)) ||
        ((node as HTMLInputElement).labels?.length ?? 0) > 0 ||
        node.textContent.trim() !== '';
      const ids = all('[id]').map(({ id }) => id);
      return {
        nameless: all('button, a, input, select, canvas:not([role=img] *), [role=img]')
          .filter((node) => !named(node))
          .map((node) => node.outerHTML.slice(0, 100)),
        levels: all('h1, h2, h3, h4').map(({ tagName }) => Number(tagName.slice(1))),
        twice: ids.filter((id, at) => ids.indexOf(id) !== at),
        live: all('[aria-live=polite]').length,
      };
    });
    expect(found.nameless).toEqual([]);
    expect(found.twice).toEqual([]);
    expect(found.live).toBeGreaterThan(0);
    expect(found.levels.filter((level) => level === 1)).toHaveLength(1);
    expect(found.levels.filter((level, at) => at > 0 && level > (found.levels[at - 1] ?? 0) + 1)).toEqual([]);
  },
);
