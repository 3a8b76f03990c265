/** Which card lies in the row above or below: by where the cards are drawn, so that any column count and day break works. */
export function moveInGrid(grid: HTMLElement | null, currentId: string | null, rows: 1 | -1): string | null {
  if (!grid || currentId === null) return null;
  const cards = [...grid.querySelectorAll<HTMLElement>('[data-event]')];
  const current = cards.find((card) => card.dataset['event'] === currentId);
  if (!current) return null;
  const from = current.getBoundingClientRect();
  let best: { id: string; distance: number } | null = null;
  for (const card of cards) {
    const at = card.getBoundingClientRect();
    const dy = (at.top - from.top) * rows;
    const id = card.dataset['event'];
    if (dy < 4 || id === undefined) continue;
    // Rows first, then the nearest column.
    const distance = dy * 10_000 + Math.abs(at.left - from.left);
    if (best === null || distance < best.distance) best = { id, distance };
  }
  return best?.id ?? null;
}
