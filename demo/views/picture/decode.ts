// A picture of the visitor's, through the decoder of the browser, scaled down.
import type { Picture } from './picture.js';

/** @throws Error for a file that is no picture to this browser. */
export async function decode(file: File): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file);
  } catch {
    throw new Error(
      `expected a picture that this browser can read, such as PNG, JPEG or WebP, got ${file.name}. Choose another file.`,
    );
  }
}

/** `size` pixels on the longer side, 2 at least on the other; what is transparent becomes white. */
export function scaled(bitmap: ImageBitmap, size: number): Picture {
  const scale = size / Math.max(bitmap.width, bitmap.height);
  const [width, height] = [bitmap.width, bitmap.height].map((length) => Math.max(2, Math.round(scale * length)));
  if (!width || !height) throw new Error('expected a picture with pixels, got an empty one. Choose another file.');
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('expected a canvas to scale the picture on, got none. Reload the page.');
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  const pixels = context.getImageData(0, 0, width, height).data;
  return { height, width, data: pixels.filter((_, at) => at % 4 < 3) };
}
