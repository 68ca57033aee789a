import { expect, test } from "vitest";

import { command, quoted, withInput } from "./command";

test("words that a shell would read otherwise are quoted", () => {
  expect(quoted("plain-1.2/x")).toBe("plain-1.2/x");
  expect(quoted("a b")).toBe("'a b'");
  expect(quoted("it's $HOME")).toBe(`'it'\\''s $HOME'`);
});

test("options that say nothing are left out", () => {
  expect(command(["promote"], { stage: "prod", "freight-alias": undefined, wait: true, abort: false })).toBe(
    "argosy promote --stage prod --wait",
  );
});

test("what a command reads comes with it, whatever it is", () => {
  expect(withInput("apply -", "a: $HOME")).toBe("apply - <<'EOF'\na: $HOME\nEOF\n");
  expect(withInput("x", "EOF\nEOFF\n")).toBe("x <<'EOFFF'\nEOF\nEOFF\nEOFFF\n");
});
