/** Where each part of the pipeline is drawn. It depends on what there is and what leads where, never on how things are: nothing moves while Freight does. */
import dagre from "@dagrejs/dagre";

import { type Edge, type PipelineView, stageId, warehouseId } from "./pipeline";

export interface Box {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Line extends Edge {
  points: { x: number; y: number }[];
}

export interface Layout {
  boxes: ReadonlyMap<string, Box>;
  lines: Line[];
  width: number;
  height: number;
}

export const SIZES = {
  repo: { width: 190, height: 44 },
  warehouse: { width: 190, height: 76 },
  stage: { width: 248, height: 138 },
  gate: { width: 200, height: 76 },
} as const;

const MARGIN = 32;

/** What the layout depends on, as text: the same text, the same layout. */
export function shapeOf(view: PipelineView): string {
  const kinds = view.stages.map((each) => `${each.name}${each.isControlFlow ? "~" : ""}`);
  return JSON.stringify([
    view.repos.map((each) => each.id),
    view.warehouses.map((each) => each.name),
    kinds,
    view.edges.map((each) => [each.from, each.to]),
  ]);
}

interface Node {
  id: string;
  width: number;
  height: number;
}

const GAP = 44;

function nodesOf(view: PipelineView): Node[] {
  return [
    ...view.repos.map((each) => ({ id: each.id, ...SIZES.repo })),
    ...view.warehouses.map((each) => ({ id: warehouseId(each.name), ...SIZES.warehouse })),
    ...view.stages.map((each) => ({ id: stageId(each.name), ...(each.isControlFlow ? SIZES.gate : SIZES.stage) })),
  ];
}

/** Nodes that hang together, each group in the order of its first. */
function groups(nodes: readonly Node[], edges: readonly Edge[]): { nodes: Node[]; edges: Edge[] }[] {
  const parent = new Map(nodes.map((each) => [each.id, each.id]));
  const root = (id: string): string => {
    let at = id;
    for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) {
      parent.set(at, parent.get(up) ?? up);
      at = up;
    }
    return at;
  };
  const known = edges.filter((each) => parent.has(each.from) && parent.has(each.to));
  for (const each of known) parent.set(root(each.to), root(each.from));
  const found = new Map<string, { nodes: Node[]; edges: Edge[] }>();
  for (const node of nodes) {
    const group = found.get(root(node.id)) ?? { nodes: [], edges: [] };
    group.nodes.push(node);
    found.set(root(node.id), group);
  }
  for (const each of known) found.get(root(each.from))?.edges.push(each);
  return [...found.values()];
}

function laidOut({ nodes, edges }: { nodes: readonly Node[]; edges: readonly Edge[] }): Layout {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 28, ranksep: 72, edgesep: 16 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of nodes) graph.setNode(id, { width, height });
  for (const each of edges) graph.setEdge(each.from, each.to);
  dagre.layout(graph);
  const boxes = new Map<string, Box>();
  for (const id of graph.nodes()) {
    const { x, y, width, height } = graph.node(id) as Box;
    boxes.set(id, { id, x: Math.round(x - width / 2), y: Math.round(y - height / 2), width, height });
  }
  const size = graph.graph() as { width?: number; height?: number };
  const lines = graph.edges().map(({ v, w }) => ({
    from: v,
    to: w,
    points: (graph.edge({ v, w }) as { points: { x: number; y: number }[] }).points,
  }));
  return { boxes, lines, width: size.width ?? 0, height: size.height ?? 0 };
}

/** Every group that hangs together by itself, one below the other: it is quicker, and reads better. */
export function layout(view: PipelineView): Layout {
  const boxes = new Map<string, Box>();
  const lines: Line[] = [];
  let [width, top] = [0, MARGIN];
  for (const group of groups(nodesOf(view), view.edges)) {
    const part = laidOut(group);
    for (const box of part.boxes.values()) boxes.set(box.id, { ...box, x: box.x + MARGIN, y: box.y + top });
    for (const line of part.lines) lines.push({ ...line, points: line.points.map(({ x, y }) => ({ x: x + MARGIN, y: y + top })) });
    width = Math.max(width, part.width);
    top += Math.ceil(part.height) + GAP;
  }
  return { boxes, lines, width: Math.ceil(width) + 2 * MARGIN, height: top - GAP + MARGIN };
}

/** A line drawn from the right of one box to the left of another, smoothly. */
export function curve(line: Line, boxes: ReadonlyMap<string, Box>): string {
  const from = boxes.get(line.from);
  const to = boxes.get(line.to);
  if (!from || !to) return "";
  const start = { x: from.x + from.width, y: from.y + from.height / 2 };
  const end = { x: to.x, y: to.y + to.height / 2 };
  const inner = line.points.slice(1, -1).filter((each) => each.x > start.x && each.x < end.x);
  const points = [start, ...inner, end];
  let path = `M${start.x} ${start.y}`;
  for (let index = 1; index < points.length; index += 1) {
    const [was, is] = [points[index - 1], points[index]];
    if (!was || !is) continue;
    const half = (was.x + is.x) / 2;
    path += `C${half} ${was.y} ${half} ${is.y} ${is.x} ${is.y}`;
  }
  return path;
}

/** Everything before and after a node, itself included: what a look at it should show. */
export function related(id: string, edges: readonly Edge[]): Set<string> {
  const found = new Set([id]);
  const follow = (at: string, next: (edge: Edge) => string, prior: (edge: Edge) => string): void => {
    const waiting = [at];
    const seen = new Set(waiting);
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      for (const edge of edges) {
        if (prior(edge) !== node || seen.has(next(edge))) continue;
        seen.add(next(edge));
        found.add(next(edge));
        waiting.push(next(edge));
      }
    }
  };
  follow(id, (edge) => edge.to, (edge) => edge.from);
  follow(id, (edge) => edge.from, (edge) => edge.to);
  return found;
}
