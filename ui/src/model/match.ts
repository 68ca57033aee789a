/** Finds what somebody means by a few letters of it. */

/** How well `text` fits `wanted`; 0 is not at all. Whole words beat beginnings of words beat letters in order. */
export function score(text: string, wanted: string): number {
  const hay = text.toLowerCase();
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  let total = 1;
  for (const word of words) {
    const one = scoreWord(hay, word);
    if (one === 0) return 0;
    total += one;
  }
  return total;
}

function scoreWord(hay: string, word: string): number {
  const at = hay.indexOf(word);
  if (at === 0) return hay.length === word.length ? 100 : 60;
  if (at > 0) return /[\s/:._-]/.test(hay[at - 1] ?? "") ? 45 : 25;
  let from = 0;
  for (const letter of word) {
    const next = hay.indexOf(letter, from);
    if (next < 0) return 0;
    from = next + 1;
  }
  return word.length > 1 ? 4 : 0;
}

/** What fits, best first; the order of equals stays. */
export function matches<T>(all: readonly T[], text: (each: T) => string, wanted: string, limit = 50): T[] {
  if (!wanted.trim()) return all.slice(0, limit);
  return all
    .map((each) => ({ each, rank: score(text(each), wanted) }))
    .filter(({ rank }) => rank > 0)
    .sort((left, right) => right.rank - left.rank)
    .slice(0, limit)
    .map(({ each }) => each);
}
