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

export function layout(view: PipelineView): Layout {
  const graph = new dagre.graphlib.Graph({ multigraph: false });
  graph.setGraph({ rankdir: "LR", nodesep: 28, ranksep: 72, edgesep: 16, marginx: 32, marginy: 32, ranker: "network-simplex" });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const each of view.repos) graph.setNode(each.id, { ...SIZES.repo });
  for (const each of view.warehouses) graph.setNode(warehouseId(each.name), { ...SIZES.warehouse });
  for (const each of view.stages) graph.setNode(stageId(each.name), { ...(each.isControlFlow ? SIZES.gate : SIZES.stage) });
  for (const each of view.edges) graph.setEdge(each.from, each.to);
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
  return { boxes, lines, width: Math.ceil(size.width ?? 0), height: Math.ceil(size.height ?? 0) };
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
