/** A plane that can be moved and scaled by pointer, wheel, touch and keys, without drawing anything anew while it moves. */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

export interface View {
  x: number;
  y: number;
  k: number;
}

export interface Area {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const LEAST = 0.2;
const MOST = 1.6;
/** How much more than what is seen is drawn, so that little moves draw nothing. */
const MARGIN = 320;

/** How far below the top a low pipeline begins: near the Freight that goes into it. */
const LOWEST = 96;

const within = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

interface Plane {
  frame: RefObject<HTMLDivElement | null>;
  plane: RefObject<HTMLDivElement | null>;
  /** What is to be drawn, in the plane's own measure. */
  area: Area;
  zoom: (factor: number) => void;
  fit: () => void;
  reveal: (box: { x: number; y: number; width: number; height: number }) => void;
}

/** What does not fit at this size is moved to, not made smaller: nobody could read it. */
const READABLE = 0.72;

/** Before anything was measured, nothing is drawn. */
const NONE: Area = { left: 0, top: 0, right: 0, bottom: 0 };

export function useCanvas(width: number, height: number, key: string): Plane {
  const frame = useRef<HTMLDivElement>(null);
  const plane = useRef<HTMLDivElement>(null);
  const view = useRef<View>({ x: 0, y: 0, k: 1 });
  const drawn = useRef<Area>(NONE);
  const [area, setArea] = useState<Area>(NONE);

  const show = useCallback((next: View) => {
    view.current = next;
    const box = frame.current;
    if (plane.current) plane.current.style.transform = `translate3d(${next.x}px, ${next.y}px, 0) scale(${next.k})`;
    if (!box) return;
    const left = -next.x / next.k;
    const top = -next.y / next.k;
    const seen = { left, top, right: left + box.clientWidth / next.k, bottom: top + box.clientHeight / next.k };
    const had = drawn.current;
    const covered = had.left <= seen.left && had.top <= seen.top && had.right >= seen.right && had.bottom >= seen.bottom;
    if (covered) return;
    const more = MARGIN / next.k;
    drawn.current = { left: seen.left - more, top: seen.top - more, right: seen.right + more, bottom: seen.bottom + more };
    setArea(drawn.current);
  }, []);

  const zoomAt = useCallback(
    (factor: number, at?: { x: number; y: number }) => {
      const box = frame.current;
      if (!box) return;
      const { x, y, k } = view.current;
      const to = within(k * factor, LEAST, MOST);
      const point = at ?? { x: box.clientWidth / 2, y: box.clientHeight / 2 };
      show({ k: to, x: point.x - ((point.x - x) / k) * to, y: point.y - ((point.y - y) / k) * to });
    },
    [show],
  );

  const fit = useCallback(() => {
    const box = frame.current;
    if (!box || width === 0) return;
    const k = within(Math.min(box.clientWidth / width, box.clientHeight / height, 1), READABLE, 1);
    const x = width * k < box.clientWidth ? (box.clientWidth - width * k) / 2 : 0;
    const y = within((box.clientHeight - height * k) / 2, 0, LOWEST);
    drawn.current = NONE;
    show({ x, y, k });
  }, [width, height, show]);

  const reveal = useCallback(
    ({ x, y, width: wide, height: high }: { x: number; y: number; width: number; height: number }) => {
      const box = frame.current;
      if (!box) return;
      const at = view.current;
      const left = x * at.k + at.x;
      const top = y * at.k + at.y;
      const dx = left < 8 ? 8 - left : Math.min(0, box.clientWidth - 8 - (left + wide * at.k));
      const dy = top < 8 ? 8 - top : Math.min(0, box.clientHeight - 8 - (top + high * at.k));
      if (dx !== 0 || dy !== 0) show({ ...at, x: at.x + dx, y: at.y + dy });
    },
    [show],
  );

  // Another pipeline is fitted anew; one that only changed stays where it was looked at.
  useLayoutEffect(() => fit(), [key]);
  useEffect(() => (frame.current ? listen(frame.current, view, show, zoomAt) : undefined), [show, zoomAt]);
  return { frame, plane, area, zoom: zoomAt, fit, reveal };
}

function listen(
  box: HTMLDivElement,
  view: RefObject<View>,
  show: (next: View) => void,
  zoomAt: (factor: number, at?: { x: number; y: number }) => void,
): () => void {
  const held = new Map<number, { x: number; y: number }>();
  const place = (event: { clientX: number; clientY: number }) => {
    const edge = box.getBoundingClientRect();
    return { x: event.clientX - edge.left, y: event.clientY - edge.top };
  };
  const move = (dx: number, dy: number) => show({ ...view.current, x: view.current.x + dx, y: view.current.y + dy });

  function wheel(event: WheelEvent): void {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) zoomAt(Math.exp(-event.deltaY / 300), place(event));
    else if (event.shiftKey && event.deltaX === 0) move(-event.deltaY, 0);
    else move(-event.deltaX, -event.deltaY);
  }

  function down(event: PointerEvent): void {
    const target = event.target as HTMLElement;
    if (event.button !== 0 || (event.pointerType === "mouse" && target.closest("a, button, article"))) return;
    held.set(event.pointerId, place(event));
  }

  function drag(event: PointerEvent): void {
    const was = held.get(event.pointerId);
    if (!was) return;
    const is = place(event);
    const other = [...held].find(([id]) => id !== event.pointerId)?.[1];
    held.set(event.pointerId, is);
    if (other) {
      const spread = (point: { x: number; y: number }) => Math.hypot(point.x - other.x, point.y - other.y);
      zoomAt(spread(is) / Math.max(1, spread(was)), { x: (is.x + other.x) / 2, y: (is.y + other.y) / 2 });
      return;
    }
    if (!box.hasPointerCapture(event.pointerId)) {
      if (Math.hypot(is.x - was.x, is.y - was.y) < 3) {
        held.set(event.pointerId, was);
        return;
      }
      box.setPointerCapture(event.pointerId);
    }
    move(is.x - was.x, is.y - was.y);
  }

  const up = (event: PointerEvent) => held.delete(event.pointerId);
  const resized = new ResizeObserver(() => show(view.current));
  resized.observe(box);
  box.addEventListener("wheel", wheel, { passive: false });
  box.addEventListener("pointerdown", down);
  box.addEventListener("pointermove", drag);
  box.addEventListener("pointerup", up);
  box.addEventListener("pointercancel", up);
  return () => {
    resized.disconnect();
    box.removeEventListener("wheel", wheel);
    box.removeEventListener("pointerdown", down);
    box.removeEventListener("pointermove", drag);
    box.removeEventListener("pointerup", up);
    box.removeEventListener("pointercancel", up);
  };
}
