/** A small signal flag made of a Freight's name, by which the eye finds the same Freight in several places. */
import { memo } from "react";

const PAIRS: readonly [string, string][] = [
  ["#c2402f", "#ffffff"],
  ["#1f62ad", "#ffffff"],
  ["#1f62ad", "#f2c230"],
  ["#1d2329", "#f2c230"],
  ["#c2402f", "#f2c230"],
  ["#1d2329", "#ffffff"],
  ["#1f62ad", "#c2402f"],
  ["#1f7a5c", "#ffffff"],
];

const SHAPES: readonly string[] = [
  "M0 0h8v12H0z",
  "M0 6h16v6H0z",
  "M0 4h16v4H0z",
  "M0 0h8v6H0zM8 6h8v6H8z",
  "M0 0 16 12H0z",
  "M5 0h6v12H5z",
  "M4.5 3h7v6h-7z",
  "M8 2.6a3.4 3.4 0 1 0 0 6.8 3.4 3.4 0 0 0 0-6.8z",
  "M0 0l8 6-8 6z",
  "M0 0h3l13 10v2h-3L0 2zM16 0v2L3 12H0v-2L13 0z",
];

function hash(text: string): number {
  let value = 2166136261;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 16777619);
  return value >>> 0;
}

export const Flag = memo(function Flag({ of, size = 16 }: { of: string; size?: number }) {
  const value = hash(of);
  const [ink, paper] = PAIRS[value % PAIRS.length] ?? ["#1f62ad", "#ffffff"];
  const shape = SHAPES[Math.floor(value / PAIRS.length) % SHAPES.length];
  return (
    <svg aria-hidden="true" width={size} height={size * 0.75} viewBox="0 0 16 12" focusable="false" style={{ borderRadius: 2, flex: "none" }}>
      <rect width="16" height="12" fill={paper} />
      <path d={shape} fill={ink} />
      <rect x="0.5" y="0.5" width="15" height="11" rx="1.5" fill="none" stroke="#12161b" strokeOpacity="0.22" />
    </svg>
  );
});
