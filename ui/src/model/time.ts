/** Times in words. Every function takes the present, so that it can be tested and a page can tick once for all. */

const UNITS: readonly [string, number][] = [
  ["d", 86_400],
  ["h", 3_600],
  ["m", 60],
  ["s", 1],
];

/** `1d 4h`, `3m 20s`, `12s`: the two largest units. */
export function span(seconds: number): string {
  let rest = Math.max(0, Math.floor(seconds));
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
    if (parts.length === 2) break;
  }
  return parts.join(" ") || "0s";
}

/** `just now`, `5m ago`, `3h ago`, `4d ago`. */
export function ago(time: string | undefined, now: number): string {
  if (!time) return "";
  const seconds = Math.floor((now - Date.parse(time)) / 1000);
  if (Number.isNaN(seconds)) return "";
  if (seconds < 10) return "just now";
  const [unit, size] = UNITS.find(([, each]) => seconds >= each) ?? ["s", 1];
  return `${Math.floor(seconds / size)}${unit} ago`;
}

/** How long something took, or has taken so far. */
export function lasted(from: string | undefined, to: string | undefined, now: number): string {
  if (!from) return "";
  if (to && Date.parse(to) - Date.parse(from) < 1000) return "<1s";
  return span(((to ? Date.parse(to) : now) - Date.parse(from)) / 1000);
}

/** The length of a duration as Go writes it, in seconds: `1h30m`, `90s`, `1.5h`. */
export function seconds(duration: string | undefined): number {
  const sizes: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 0.001, us: 1e-6, µs: 1e-6, ns: 1e-9 };
  let total = 0;
  for (const [, count, unit] of (duration ?? "").matchAll(/([\d.]+)(ms|us|µs|ns|h|m|s)/g)) {
    total += Number(count) * (sizes[unit ?? ""] ?? 0);
  }
  return total;
}

const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

export const fullTime = (time: string | undefined): string => (time ? FULL.format(new Date(time)) : "");
