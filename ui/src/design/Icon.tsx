/** The icons, drawn on a grid of 16, as strokes of the text's colour. */
const PATHS = {
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.6 10.6 14 14",
  chevron: "m6 4 4 4-4 4",
  down: "m4 6 4 4 4-4",
  check: "m3 8.5 3.2 3.2L13 5",
  cross: "m4 4 8 8m0-8-8 8",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M3.4 12.6l.7-.7M11.9 4.1l.7-.7",
  moon: "M13 9.6A5.5 5.5 0 0 1 6.4 3a5.5 5.5 0 1 0 6.6 6.6z",
  screen: "M2 3h12v8H2zM6 14h4M8 11v3",
  user: "M8 8a2.7 2.7 0 1 0 0-5.4A2.7 2.7 0 0 0 8 8zM2.8 13.7c.6-2.2 2.6-3.5 5.2-3.5s4.6 1.3 5.2 3.5",
  out: "M6 2.5H3v11h3M7 8h6.5M11 5.2 13.8 8 11 10.8",
  gear: "M8 10.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4zM8 1.6v2M8 12.4v2M1.6 8h2M12.4 8h2M3.5 3.5l1.4 1.4M11.1 11.1l1.4 1.4M3.5 12.5l1.4-1.4M11.1 4.9l1.4-1.4",
  refresh: "M13.4 8a5.4 5.4 0 1 1-1.6-3.8M13.4 2v2.8h-2.8",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  terminal: "M2 3h12v10H2zM4.5 6l2 2-2 2M8 10.2h3",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  link: "M9 3h4v4M13 3 7.5 8.5M11 9.5V13H3V5h3.5",
  git: "M5 4.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM5 14.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM11.5 7.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM5 4.5v7M11.5 7.5c0 2.5-3.5 2-6 3",
  image: "M8 1.8 13.5 5v6L8 14.2 2.5 11V5zM2.5 5 8 8.2 13.5 5M8 8.2v6",
  other: "M3 3h10v10H3zM3 6.5h10M6.5 6.5V13",
  chart: "M3 13V8M8 13V3M13 13V6",
  warehouse: "M2 6.2 8 2.5l6 3.7v7.3H2zM5 13.5V8.5h6v5M5 11h6",
  stage: "M2.5 3.5h11v9h-11zM2.5 6.5h11",
  bolt: "M9 1.5 3.5 9H8l-1 5.5L12.5 7H8z",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.7V8l2.3 1.6",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3v10l8-5z",
  stop: "M4 4h8v8H4z",
  alert: "M8 2 14.5 13.5h-13zM8 6.3v3.4M8 11.6v.1",
  lock: "M3.5 7h9v7h-9zM5.2 7V5a2.8 2.8 0 0 1 5.6 0v2",
  back: "M6.5 3.5 2.5 7.5l4 4M2.5 7.5h7a4 4 0 0 1 0 6H8",
  grid: "M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM9 9h4.5v4.5H9z",
  list: "M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.01M2.5 8h.01M2.5 12h.01",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 9.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6z",
  flow: "M2 8h4M6 8l3-4.5h5M6 8l3 4.5h5",
  filter: "M2 3.5h12M4.5 8h7M6.5 12.5h3",
  fit: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  edit: "M10.5 3 13 5.5 5.5 13H3v-2.5z",
  bin: "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9",
  down2: "M8 2.5v9M4.5 8 8 11.5 11.5 8M3 14h10",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
