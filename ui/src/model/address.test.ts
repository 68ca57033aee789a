import { expect, test } from "vitest";

import { commitLink, localPath, repoLink, safeLink, shortRepo } from "./address";

test("nobody is sent to another site after signing in", () => {
  expect(localPath("/project/a?x=1")).toBe("/project/a?x=1");
  for (const bad of [null, "", "https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]) {
    expect(localPath(bad)).toBe("/");
  }
});

test("only addresses of the web become links", () => {
  expect(safeLink("https://a.example/b")).toBe("https://a.example/b");
  expect(safeLink("javascript:alert(1)")).toBeUndefined();
  expect(safeLink("data:text/html,x")).toBeUndefined();
  expect(safeLink("file:///etc/passwd")).toBeUndefined();
});

test("commits have pages where their forge is known", () => {
  expect(commitLink("git@github.com:acme/web.git", "abc")).toBe("https://github.com/acme/web/commit/abc");
  expect(commitLink("https://gitlab.com/acme/web", "abc")).toBe("https://gitlab.com/acme/web/-/commit/abc");
  expect(commitLink("https://git.example.com/acme/web", "abc")).toBeUndefined();
  expect(repoLink("https://user:secret@github.com/acme/web.git")).toBe("https://github.com/acme/web");
});

test("repositories are called by their last two parts", () => {
  expect(shortRepo("https://github.com/acme/web.git")).toBe("acme/web");
  expect(shortRepo("file:///srv/git/config.git")).toBe("git/config");
  expect(shortRepo("nginx")).toBe("nginx");
});
