import { expect, test } from "vitest";

import { manifestText } from "./manifest";

test("a manifest has what people write, and the version", () => {
  const stage = {
    apiVersion: "kargo.akuity.io/v1alpha1",
    kind: "Stage",
    metadata: { name: "dev", namespace: "shop", uid: "u", resourceVersion: "7", generation: 2, managedFields: [] },
    spec: { vars: [{ name: "a", value: "1" }] },
    status: { health: {} },
  };
  expect(manifestText(stage)).toBe(
    [
      "apiVersion: kargo.akuity.io/v1alpha1",
      "kind: Stage",
      "metadata:",
      "  name: dev",
      "  namespace: shop",
      '  resourceVersion: "7"',
      "spec:",
      "  vars:",
      "    - name: a",
      '      value: "1"',
      "",
    ].join("\n"),
  );
});
