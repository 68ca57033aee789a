/** Freight that is dragged: what is carried, and the choice that goes with it. */
export const FREIGHT_TYPE = "application/x-argosy-freight";

let frame = 0;

/** Chooses a moment after a drag has begun: choosing draws anew, which one that has just begun would not survive. */
export function beginDrag(choose: () => void): void {
  frame = requestAnimationFrame(choose);
}

/** A drag that was quicker than that chooses nothing: it would take the dialog away that it has opened. */
export const endDrag = (): void => cancelAnimationFrame(frame);
