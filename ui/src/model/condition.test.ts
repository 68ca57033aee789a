import { expect, test } from "vitest";

import { conditionNotes } from "./condition";

test("what is wrong is told once, what is only not so is not", () => {
  expect(
    conditionNotes([
      { type: "Healthy", status: "False", message: "no answer" },
      { type: "Ready", status: "False", message: "no answer" },
      { type: "FreightCreated", status: "False", message: "already exists" },
      { type: "Reconciling", status: "True" },
      { type: "FreightCreationCriteriaSatisfied", status: "False", message: "tags differ" },
    ]),
  ).toEqual([
    { tone: "bad", text: "no answer" },
    { tone: "warn", text: "tags differ" },
  ]);
});
