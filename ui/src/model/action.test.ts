// The commands below are read by a test of the command line, too: it must know each of them.
import { expect, test } from "vitest";

import { said } from "./action";

test("every action is a command", () => {
  expect(said.promote("shop", "prod", "a-b")).toBe("argosy promote --stage prod --freight-alias a-b --wait --project shop");
  expect(said.downstream("shop", "test", "a-b")).toBe("argosy promote --downstream-from test --freight-alias a-b --project shop");
  expect(said.rollback("shop", "prod", undefined)).toBe("argosy rollback prod --wait --project shop");
  expect(said.rollback("shop", "prod", "abc")).toBe("argosy rollback prod --to abc --wait --project shop");
  expect(said.abort("shop", "prod.1.abc")).toBe("argosy abort prod.1.abc --project shop");
  expect(said.approve("shop", "a-b", "prod")).toBe("argosy approve --freight-alias a-b --stage prod --project shop");
  expect(said.refresh("shop", "stage", "prod")).toBe("argosy refresh stage prod --project shop");
  expect(said.refresh("shop", "warehouse", "web")).toBe("argosy refresh warehouse web --project shop");
  expect(said.verify("shop", "prod")).toBe("argosy verify stage prod --project shop");
  expect(said.abortVerification("shop", "prod")).toBe("argosy verify stage prod --abort --project shop");
  expect(said.rename("shop", "abc", "new-name")).toBe("argosy update freight --name abc --new-alias new-name --project shop");
  expect(said.delete("shop", "stage", "prod")).toBe("argosy delete stage prod --project shop");
  expect(said.assemble("shop", "web", ["r/web=1"], "hotfix")).toBe("argosy create freight --warehouse web --alias hotfix --project shop --with r/web=1");
  expect(said.apply()).toBe("argosy apply --filename -");
  expect(said.edit("shop", "stage", "prod")).toBe("argosy get stage prod --output yaml --project shop");
});
