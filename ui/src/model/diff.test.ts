import { expect, test } from "vitest";

import { changedPart, readDiff } from "./diff";

const TEXT = `diff --git a/values.yaml b/values.yaml
index 0000000..09d6f6c 100644
--- a/values.yaml
+++ b/values.yaml
@@ -1,4 +1,4 @@ image:
 # web in prod
-  tag: "1.0.0"
+  tag: "1.1.0"
 replicas: 6
diff --git a/new file.txt b/new file.txt
new file mode 100644
--- /dev/null
+++ b/new file.txt
@@ -0,0 +1 @@
+--- not a header
\\ No newline at end of file
diff --git a/logo.png b/logo.png
deleted file mode 100644
Binary files a/logo.png and /dev/null differ
`;

test("files, hunks and lines are read, with their numbers", () => {
  const [values, added, logo] = readDiff(TEXT);
  expect([values?.path, values?.added, values?.removed, values?.hunks[0]?.head]).toEqual(["values.yaml", 1, 1, "image:"]);
  expect(values?.hunks[0]?.lines).toEqual([
    { kind: "same", old: 1, now: 1, text: "# web in prod" },
    { kind: "del", old: 2, text: '  tag: "1.0.0"' },
    { kind: "add", now: 2, text: '  tag: "1.1.0"' },
    { kind: "same", old: 3, now: 3, text: "replicas: 6" },
  ]);
  expect([added?.path, added?.what]).toEqual(["new file.txt", "new"]);
  expect(added?.hunks[0]?.lines.map((each) => each.kind)).toEqual(["add", "note"]);
  expect([logo?.what, logo?.hunks]).toEqual(["deleted, binary", []]);
});

test("nothing is nothing, and text without headers is still a diff", () => {
  expect(readDiff("")).toEqual([]);
  expect(readDiff("@@ -1 +1 @@\n-a\n+b")[0]?.hunks[0]?.lines).toHaveLength(2);
});

test("the part of a line that changed is found, unless the lines have little in common", () => {
  expect(changedPart('tag: "1.0.0"', 'tag: "1.1.0"')).toEqual({ was: [8, 9], is: [8, 9] });
  expect(changedPart("tag: 1", "tag: 12")).toEqual({ was: [6, 6], is: [6, 7] });
  expect(changedPart("abcdef", "uvwxyz")).toBeUndefined();
});
