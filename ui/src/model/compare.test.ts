import { expect, test } from "vitest";

import { compared } from "./compare";

const image = (repoURL: string, tag: string) => ({ repoURL, tag });

test("versions are told beside those that are there", () => {
  const steps = compared({ images: [image("a/web", "1.0"), image("a/old", "1.0")] }, { images: [image("a/web", "1.1"), image("a/new", "2.0")] });
  expect(steps.map(({ line, from, to, same }) => [line.name, from, to, same])).toEqual([
    ["web", "1.0", "1.1", false],
    ["new", undefined, "2.0", false],
    ["old", "1.0", undefined, false],
  ]);
});

test("what stays is told as the same, unless only the name of the version does", () => {
  const digests = (digest: string) => ({ images: [{ repoURL: "a/web", tag: "latest", digest }] });
  expect(compared(digests("sha256:1"), digests("sha256:1"))[0]?.same).toBe(true);
  expect(compared(digests("sha256:1"), digests("sha256:2"))[0]?.same).toBe(false);
});
