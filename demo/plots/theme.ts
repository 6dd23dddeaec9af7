// Colors come from styles/base.css, so light and dark are decided in one place; canvases ask here when they draw.

/** The value of a custom property of the page, such as `--ink`. */
export const color = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** The color of a true component. The palette has eight, as many as a truth may have here. */
export const componentColor = (index: number): string => color(`--component-${(index % 8) + 1}`);

export const font = (size: number): string => `${size}px ${color('--font')}`;

/** Calls back when the system switches between light and dark, until the function it returns is called. */
export function onThemeChange(redraw: () => void): () => void {
  const query = matchMedia('(prefers-color-scheme: dark)');
  query.addEventListener('change', redraw);
  return () => query.removeEventListener('change', redraw);
}
