import { describe, expect, test } from "vitest";

import type { Freight, Pipeline, Stage } from "~/api/types";

import { curve, layout, related, shapeOf } from "./layout";
import { filtered, gatesOf, pipelineView } from "./pipeline";

function freight(name: string, created: string, tag: string, status: Freight["status"] = {}): Freight {
  return {
    metadata: { name, creationTimestamp: created },
    alias: `alias-${name}`,
    origin: { kind: "Warehouse", name: "web" },
    images: [{ repoURL: "registry.example.com/acme/web", tag }],
    commits: [{ repoURL: "https://github.com/acme/config.git", id: "0123456789abcdef", message: "Fix it\n\nreally" }],
    status,
  };
}

function stage(name: string, upstream: string[], has?: string): Stage {
  const sources = upstream.length ? { stages: upstream, requiredSoakTime: "1h" } : { direct: true };
  return {
    metadata: { name, uid: name },
    spec: {
      requestedFreight: [{ origin: { kind: "Warehouse", name: "web" }, sources }],
      promotionTemplate: { spec: { steps: [{ uses: "git-clone" }, { uses: "git-push" }] } },
    },
    status: has
      ? {
          health: { status: "Healthy" },
          freightHistory: [{ id: has, items: { "Warehouse/web": { name: has, origin: { kind: "Warehouse", name: "web" } } } }],
        }
      : {},
  };
}

function told(changes: Partial<Pipeline> = {}): Pipeline {
  return {
    project: { metadata: { name: "shop" } },
    warehouses: [
      {
        metadata: { name: "web" },
        spec: {
          subscriptions: [
            { image: { repoURL: "registry.example.com/acme/web" } },
            { git: { repoURL: "https://github.com/acme/config.git" } },
          ],
        },
        status: { conditions: [{ type: "Healthy", status: "True" }] },
      },
    ],
    stages: [stage("prod", ["dev"], "old"), stage("dev", [], "new")],
    freight: [
      freight("old", "2026-01-01T00:00:00Z", "1.0.0", { currentlyIn: { prod: { since: "2026-01-02T00:00:00Z" } }, verifiedIn: { dev: {} } }),
      freight("new", "2026-01-03T00:00:00Z", "1.1.0", { currentlyIn: { dev: {} }, verifiedIn: { dev: {} } }),
      freight("newest", "2026-01-04T00:00:00Z", "1.2.0"),
    ],
    promotions: [],
    ...changes,
  };
}

describe("a pipeline", () => {
  test("has its Freight newest first, with what is in it and where it is", () => {
    const { freight: found } = pipelineView(told());
    expect(found.map((each) => each.name)).toEqual(["newest", "new", "old"]);
    expect(found[2]?.artifacts.map((each) => each.version)).toEqual(["1.0.0", "0123456"]);
    expect(found[2]?.stages).toEqual(["prod"]);
  });

  test("tells of each Stage what it runs, since when, and how much newer there is", () => {
    const { stages } = pipelineView(told());
    const prod = stages.find((each) => each.name === "prod");
    expect(prod?.freight).toEqual([{ name: "old", alias: "alias-old", origin: "web" }]);
    expect(prod?.since).toBe("2026-01-02T00:00:00Z");
    expect(prod?.newer).toBe(1); // newest has not passed dev
    expect(stages.find((each) => each.name === "dev")?.newer).toBe(1);
    expect(prod?.gates).toEqual(["soak 1h"]);
  });

  test("tells of a running promotion how far it is, and how many wait", () => {
    const promotion = (name: string, phase: string) => ({
      metadata: { name },
      spec: { stage: "prod", freight: "new", steps: [{ uses: "a" }, { uses: "b" }, { uses: "c" }] },
      status: { phase, currentStep: 1 },
    });
    const view = pipelineView(told({ promotions: [promotion("p1", "Pending"), promotion("p2", "Running")] }));
    const prod = view.stages.find((each) => each.name === "prod");
    expect(prod?.running).toEqual({ promotion: "p2", alias: "alias-new", step: 2, steps: 3, phase: "Running" });
    expect(prod?.waiting).toBe(1);
  });

  test("a Stage without steps only passes Freight on", () => {
    const gate: Stage = { metadata: { name: "gate" }, spec: { requestedFreight: [] } };
    const view = pipelineView(told({ stages: [gate] })).stages[0];
    expect([view?.isControlFlow, view?.newer, view?.health.word]).toEqual([true, 0, "Empty"]);
  });

  test("leads from repositories by the Warehouse to the Stages, and nowhere that does not exist", () => {
    const view = pipelineView(told({ stages: [...told().stages, stage("lost", ["nowhere"])] }));
    expect(view.edges).toContainEqual({ from: "warehouse web", to: "stage dev" });
    expect(view.edges).toContainEqual({ from: "stage dev", to: "stage prod" });
    expect(view.edges.filter((each) => each.to === "warehouse web")).toHaveLength(2);
    expect(view.edges.some((each) => each.from === "stage nowhere")).toBe(false);
  });

  test("gates are told once", () => {
    const two = stage("x", ["a", "b"]);
    two.spec?.requestedFreight?.push({ origin: { kind: "Warehouse", name: "api" }, sources: { stages: ["a", "b"], requiredSoakTime: "1h", availabilityStrategy: "All" } });
    expect(gatesOf(two)).toEqual(["soak 1h", "all upstreams"]);
  });
});

describe("filters", () => {
  const all = pipelineView(told()).freight;

  test("find Freight by alias, tag, commit and message", () => {
    for (const [text, found] of [["alias-old", ["old"]], ["1.1", ["new"]], ["fix 1.2", ["newest"]], ["1.1 1.2", []]] as const) {
      expect(filtered(all, { text, warehouse: "", inUse: false }).map((each) => each.name)).toEqual(found);
    }
  });

  test("keep what is in use, or comes from one Warehouse", () => {
    expect(filtered(all, { text: "", warehouse: "", inUse: true })).toHaveLength(2);
    expect(filtered(all, { text: "", warehouse: "api", inUse: false })).toHaveLength(0);
  });
});

describe("the layout", () => {
  test("goes from left to right", () => {
    const { boxes, lines } = layout(pipelineView(told()));
    const [repo, warehouse, dev, prod] = [...["repo image registry.example.com/acme/web", "warehouse web", "stage dev", "stage prod"]].map((id) => boxes.get(id)?.x ?? NaN);
    expect([repo, warehouse, dev, prod]).toEqual([repo, warehouse, dev, prod].toSorted((a, b) => Number(a) - Number(b)));
    expect(lines.map((each) => curve(each, boxes)).every((each) => each.startsWith("M"))).toBe(true);
  });

  test("puts what does not hang together below each other", () => {
    const view = pipelineView(told({ stages: [], warehouses: ["a", "b"].map((name) => ({ metadata: { name }, spec: { subscriptions: [{ git: { repoURL: name } }] } })) }));
    const { boxes, height } = layout(view);
    const [a, b] = [boxes.get("warehouse a"), boxes.get("warehouse b")];
    expect([a?.x, (a?.y ?? 0) + (a?.height ?? 0) < (b?.y ?? 0)]).toEqual([b?.x, true]);
    expect((b?.y ?? 0) + (b?.height ?? 0)).toBeLessThanOrEqual(height);
  });

  test("does not depend on how things are, nor on the order they came in", () => {
    const before = pipelineView(told());
    const after = pipelineView(told({ stages: [stage("dev", []), stage("prod", ["dev"])], freight: [] }));
    expect(shapeOf(after)).toBe(shapeOf(before));
  });

  test("knows what is before and after", () => {
    const { edges } = pipelineView(told({ stages: [...told().stages, stage("test", [])] }));
    const found = related("stage prod", edges);
    expect(found.has("warehouse web")).toBe(true);
    expect(found.has("stage test")).toBe(false);
  });

  test("of 500 Stages is there within a second", () => {
    const stages = Array.from({ length: 500 }, (_, index) => stage(`s${index}`, index < 10 ? [] : [`s${index - 10}`]));
    const view = pipelineView(told({ stages, freight: [] }));
    expect(layout(view).boxes.size).toBe(503);
  });
});
