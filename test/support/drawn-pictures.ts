/** JPEG pictures for the fake hub, drawn on a canvas of the test's own browser: nobody's porch, nobody's face. */
import type { Browser } from 'playwright-core';

export type Place = 'door' | 'drive' | 'garden' | 'gate';
export type Figure = 'person' | 'vehicle' | 'animal' | 'none';
export interface DrawnPictures {
  /** A whole picture, 1280 x 720. `night` swaps the sky. */
  scene: (place: Place, figure: Figure, night: boolean) => Buffer;
  /** The figure, cut out. */
  thumb: (place: Place, figure: Figure, night: boolean) => Buffer;
}

export const places: Place[] = ['door', 'drive', 'garden', 'gate'];
export const figures: Figure[] = ['person', 'vehicle', 'animal', 'none'];
/** Where the figure stands, as fractions of the picture. */
export const figureBox: Record<Figure, { x: number; y: number; w: number; h: number }> = {
  person: { x: 0.52, y: 0.36, w: 0.1, h: 0.44 },
  vehicle: { x: 0.36, y: 0.52, w: 0.34, h: 0.28 },
  animal: { x: 0.44, y: 0.66, w: 0.13, h: 0.14 },
  none: { x: 0.4, y: 0.4, w: 0.2, h: 0.2 },
};

export async function drawPictures(browser: Browser): Promise<DrawnPictures> {
  const page = await browser.newPage();
  const drawn = new Map<string, Buffer>();
  for (const place of places) {
    for (const figure of figures) {
      for (const night of [false, true]) {
        const urls = await page.evaluate(draw, { place, figure, night, box: figureBox[figure] });
        drawn.set(`scene/${place}/${figure}/${String(night)}`, fromDataUrl(urls.scene));
        drawn.set(`thumb/${place}/${figure}/${String(night)}`, fromDataUrl(urls.thumb));
      }
    }
  }
  await page.close();
  const get =
    (kind: string) =>
    (place: Place, figure: Figure, night: boolean): Buffer =>
      drawn.get(`${kind}/${place}/${figure}/${String(night)}`)!;
  return { scene: get('scene'), thumb: get('thumb') };
}

const fromDataUrl = (url: string): Buffer => Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');

interface Scene {
  place: Place;
  figure: Figure;
  night: boolean;
  box: { x: number; y: number; w: number; h: number };
}

/** Runs in the page. */
function draw({ place, figure, night, box }: Scene): { scene: string; thumb: string } {
  const canvas = document.createElement('canvas');
  canvas.width = 1280;
  canvas.height = 720;
  const c = canvas.getContext('2d')!;
  const shade = (day: string, dark: string): string => (night ? dark : day);
  const fill = (colour: string, x: number, y: number, w: number, h: number): void => {
    c.fillStyle = colour;
    c.fillRect(x, y, w, h);
  };
  const sky = c.createLinearGradient(0, 0, 0, 420);
  sky.addColorStop(0, shade('#7fa7c9', '#0d1420'));
  sky.addColorStop(1, shade('#d9e2e4', '#23303f'));
  c.fillStyle = sky;
  c.fillRect(0, 0, 1280, 420);
  const ground = c.createLinearGradient(0, 400, 0, 720);
  ground.addColorStop(0, shade('#87916f', '#1c231f'));
  ground.addColorStop(1, shade('#5e684c', '#111613'));
  c.fillStyle = ground;
  c.fillRect(0, 400, 1280, 320);
  for (let i = 0; i < 9; i++) {
    c.fillStyle = shade(i % 2 === 0 ? '#51684a' : '#5f7854', i % 2 === 0 ? '#141d18' : '#18231c');
    c.beginPath();
    c.ellipse(60 + i * 160, 350 - (i % 3) * 22, 110, 90, 0, 0, 7);
    c.fill();
  }
  if (place === 'door') {
    fill(shade('#b9aa94', '#3a3733'), 0, 120, 460, 420);
    fill(shade('#59422f', '#231b15'), 170, 230, 150, 310);
    fill(shade('#ddd3bf', '#f3c877'), 360, 250, 70, 110);
    c.fillStyle = shade('#9a9184', '#2b2c2c');
    c.beginPath();
    c.moveTo(160, 540);
    c.lineTo(330, 540);
    c.lineTo(900, 720);
    c.lineTo(380, 720);
    c.fill();
  } else if (place === 'drive') {
    c.fillStyle = shade('#8d8d8b', '#272a2d');
    c.beginPath();
    c.moveTo(420, 420);
    c.lineTo(900, 420);
    c.lineTo(1240, 720);
    c.lineTo(160, 720);
    c.fill();
    fill(shade('#a08772', '#33291f'), 900, 150, 380, 300);
    fill(shade('#d8d4ca', '#4b4a46'), 960, 250, 240, 200);
  } else if (place === 'garden') {
    for (let x = 0; x < 1280; x += 46) fill(shade('#8f7350', '#2a2119'), x, 300, 36, 150);
    fill(shade('#7d6445', '#241c14'), 0, 340, 1280, 14);
    c.fillStyle = shade('#4b6b3e', '#131c13');
    c.beginPath();
    c.ellipse(1010, 250, 190, 200, 0, 0, 7);
    c.fill();
    fill(shade('#5c452f', '#1d1611'), 990, 380, 40, 170);
  } else {
    fill(shade('#9c9a94', '#2c2e30'), 0, 250, 300, 300);
    fill(shade('#9c9a94', '#2c2e30'), 980, 250, 300, 300);
    for (let x = 320; x < 980; x += 40) fill(shade('#3f4448', '#12161a'), x, 280, 10, 250);
    fill(shade('#b0a99a', '#2d2c2a'), 300, 530, 680, 190);
  }
  const x = box.x * 1280;
  const y = box.y * 720;
  const w = box.w * 1280;
  const h = box.h * 720;
  c.fillStyle = 'rgb(0 0 0 / 0.3)';
  if (figure !== 'none') {
    c.beginPath();
    c.ellipse(x + w / 2, y + h, w * 0.6, h * 0.06, 0, 0, 7);
    c.fill();
  }
  if (figure === 'person') {
    fill(shade('#2d3c57', '#1b2536'), x + w * 0.25, y + h * 0.55, w * 0.2, h * 0.45);
    fill(shade('#2d3c57', '#1b2536'), x + w * 0.55, y + h * 0.55, w * 0.2, h * 0.45);
    c.fillStyle = shade('#b2452f', '#6d3022');
    c.beginPath();
    c.roundRect(x + w * 0.12, y + h * 0.2, w * 0.76, h * 0.42, 18);
    c.fill();
    c.fillStyle = shade('#d7a77c', '#8a6a4f');
    c.beginPath();
    c.arc(x + w / 2, y + h * 0.1, w * 0.22, 0, 7);
    c.fill();
  } else if (figure === 'vehicle') {
    c.fillStyle = shade('#35618e', '#1f3448');
    c.beginPath();
    c.roundRect(x, y + h * 0.4, w, h * 0.45, 24);
    c.roundRect(x + w * 0.18, y, w * 0.6, h * 0.6, 34);
    c.fill();
    fill(shade('#cfe0ea', '#51616d'), x + w * 0.24, y + h * 0.1, w * 0.22, h * 0.28);
    fill(shade('#cfe0ea', '#51616d'), x + w * 0.5, y + h * 0.1, w * 0.22, h * 0.28);
    if (night) fill('#ffeec2', x + w * 0.95, y + h * 0.5, w * 0.05, h * 0.12);
    c.fillStyle = '#17191c';
    for (const at of [0.2, 0.78]) {
      c.beginPath();
      c.arc(x + w * at, y + h * 0.86, h * 0.15, 0, 7);
      c.fill();
    }
  } else if (figure === 'animal') {
    c.fillStyle = shade('#c07a3c', '#5f4025');
    c.beginPath();
    c.roundRect(x + w * 0.1, y + h * 0.35, w * 0.65, h * 0.4, 20);
    c.fill();
    c.beginPath();
    c.arc(x + w * 0.8, y + h * 0.32, h * 0.22, 0, 7);
    c.fill();
    for (const at of [0.15, 0.28, 0.55, 0.66])
      fill(shade('#a5652e', '#4c331d'), x + w * at, y + h * 0.7, w * 0.07, h * 0.3);
  }
  for (let i = 0; i < 2600; i++) {
    c.fillStyle = `rgb(255 255 255 / ${String(0.02 + ((i * 7919) % 5) / 100)})`;
    c.fillRect((i * 9241) % 1280, (i * 5309) % 720, 2, 2);
  }
  const thumb = document.createElement('canvas');
  thumb.width = 320;
  thumb.height = 200;
  const side = Math.max(w * 1.5, h * 1.2 * 1.6, 320);
  thumb
    .getContext('2d')!
    .drawImage(canvas, x + w / 2 - side / 2, y + h / 2 - side / 1.6 / 2, side, side / 1.6, 0, 0, 320, 200);
  return { scene: canvas.toDataURL('image/jpeg', 0.82), thumb: thumb.toDataURL('image/jpeg', 0.82) };
}
