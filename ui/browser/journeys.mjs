// What people do with the pages, in a real browser, against a real server that runs the demo's pipeline.
//
//     SERVER=https://127.0.0.1:7443 TOKEN=... PICTURES=folder node browser/journeys.mjs
//
// The pipeline: new Freight comes to dev at once, to staging after a while, to prod when told. The newest commit has a
// message that would be dangerous as HTML.
import assert from "node:assert/strict";

import { context, dialog, inspected, page, seen, walk } from "./walker.mjs";

const { SERVER: server, TOKEN: token } = process.env;

const stage = (name) => page.locator(`article[data-stage="${name}"]`);

async function signIn() {
  await page.goto(`${server}/project/demo`);
  await page.waitForURL(/\/login\?next=%2Fproject%2Fdemo$/);
  await seen(page.locator("#secret"));
  await inspected("login");
  const way = page.getByRole("tab", { name: "Token" });
  if (await way.count()) await way.click();
  const field = page.getByLabel("Token", { exact: true });
  await field.fill("wrong");
  await page.keyboard.press("Enter");
  await seen(page.getByRole("alert"));
  await field.fill(token);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/project\/demo$/);
  await seen(stage("prod"));
  await seen(page.getByText("Live", { exact: true }));
  assert.equal(await page.evaluate(() => document.cookie), "", "no script can read what signs in");
}

async function newFreightIsThereWithoutAReload() {
  await seen(stage("dev").getByText("2.0.0"));
  await seen(page.getByRole("option").filter({ hasText: "2.0.0" }));
  await inspected("pipeline");
}

/** The server is away for minutes; the page comes back by itself, however often it has asked in vain. */
async function theServerIsAwayForAWhile() {
  const other = await context.newPage();
  await other.clock.install();
  let inVain = 0;
  let away = true;
  await other.route(/\/v1beta1\/projects\/demo\/changes/, (route) =>
    !away ? route.continue() : inVain === 0 ? route.fulfill({ contentType: "text/event-stream", body: "" }) : route.abort(),
  );
  await other.goto(`${server}/project/demo`);
  await seen(other.locator("article[data-stage]"));
  await other.route(/\/v1beta1\/projects\/demo\/pipeline/, (route) => {
    if (!away) return route.continue();
    inVain += 1;
    return route.abort();
  });
  for (let second = 0; inVain < 12; second += 1) {
    assert.ok(second < 300, `it asked ${inVain} times and no more`);
    await other.clock.runFor(1_000);
    await other.waitForTimeout(10);
  }
  await seen(other.getByText("Reconnecting", { exact: true }));
  away = false;
  await other.clock.runFor(20_000);
  await seen(other.getByText("Live", { exact: true }));
  await other.close();
}

async function whyNotAndApproval() {
  await page.getByRole("option").filter({ hasText: "2.0.0" }).click();
  await seen(stage("prod").getByText(/staging/));
  await page.getByText("Choose a Stage for").getByRole("link").click();
  await page.waitForURL(/\/freight\//);
  await seen(page.getByText('<img src=x onerror="alert(1)">'));
  const prod = page.getByRole("list", { name: "Stages" }).getByRole("listitem").filter({ has: page.getByRole("link", { name: "prod" }) });
  await seen(prod.getByText(/staging/));
  await inspected("freight");
  await prod.getByRole("button", { name: "Approve" }).click();
  await seen(dialog().getByText(/^\$ argosy approve/));
  await dialog().getByRole("button", { name: "Approve" }).click();
  await prod.getByRole("link", { name: "Promote" }).click();
}

async function planThenPromotion() {
  await seen(dialog().getByText("What would change"));
  await seen(dialog().locator("td").filter({ hasText: 'tag: "2.0.0"' }));
  await seen(dialog().getByText(/argosy promote --stage prod/));
  await inspected("plan");
  await dialog().getByRole("button", { name: "Promote", exact: true }).click();
  await page.waitForURL(/\/promotion\/prod\./);
  await seen(page.locator("header").getByText("Succeeded"));
  await seen(page.getByRole("log").getByText(/pushed [0-9a-f]{40} to stage\/prod/));
  await page.getByRole("button", { name: /git-push/ }).click();
  await seen(page.getByText(/branch: stage\/prod/));
  await inspected("promotion");
}

async function everythingByKeys() {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("pipeline");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/project\/demo$/);
  await page.getByRole("listbox", { name: /Freight/ }).focus();
  await page.keyboard.press("End");
  await seen(page.getByText("Choose a Stage for"));
  const again = stage("dev").getByRole("button", { name: "Promote here" });
  await again.focus();
  await page.keyboard.press("Enter");
  await seen(dialog().getByText("What would change"));
  await seen(dialog().getByText("2.0.0").and(page.locator("code")));
  await page.keyboard.press("Escape");
  await dialog().waitFor({ state: "detached" });
}

async function draggedFreight() {
  await page.getByRole("option").last().dragTo(stage("dev"));
  await seen(dialog().getByText(/to dev$/));
  await dialog().getByRole("button", { name: "Close" }).click();
  await dialog().waitFor({ state: "detached" });
}

/** Dropped before the page was drawn once: what a drag chooses must not take away the dialog that it opens. */
async function draggedQuickly() {
  await page.goto(`${server}/project/demo`);
  await seen(page.getByRole("option"));
  await page.evaluate(() => {
    const dataTransfer = new DataTransfer();
    const options = document.querySelectorAll('[role="option"]');
    const tell = (type, element) => element.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    const card = document.querySelector('article[data-stage="dev"]');
    tell("dragstart", options[options.length - 1]);
    for (const type of ["dragenter", "dragover", "drop"]) tell(type, card);
    tell("dragend", options[options.length - 1]);
  });
  await seen(dialog().getByText(/to dev$/));
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  await seen(dialog().getByText("What would change"));
  await page.keyboard.press("Escape");
  await dialog().waitFor({ state: "detached" });
}

async function rollback() {
  await page.goto(`${server}/project/demo/stage/dev`);
  await page.getByRole("link", { name: "Roll back" }).click();
  await seen(dialog().locator("td").filter({ hasText: 'tag: "1.0.0"' }));
  await inspected("rollback");
  await dialog().getByRole("button", { name: "Roll back" }).click();
  await page.waitForURL(/\/promotion\/dev\./);
  await seen(page.locator("header").getByText("Succeeded"));
  await page.goto(`${server}/project/demo`);
  await seen(stage("dev").getByText("1.0.0"));
  await seen(stage("dev").getByText("held"));
  await page.goto(`${server}/project/demo/stage/dev?tab=history`);
  await seen(page.getByText("rollback", { exact: true }));
  await inspected("history");
}

async function manifest() {
  await page.goto(`${server}/project/demo/stage/dev?tab=manifest`);
  const editor = page.getByRole("textbox", { name: /Manifest of dev/ });
  await editor.click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("  verfication: {}\n");
  await seen(page.getByText(/\d findings?/));
  await page.getByRole("button", { name: "Discard" }).click();
  await seen(page.getByText("As it is"));
  await inspected("manifest");
}

async function warehouse() {
  await page.goto(`${server}/project/demo/warehouse/web`);
  await seen(page.getByText("2.0.0"));
  await inspected("warehouse");
  await page.getByRole("button", { name: "Assemble Freight" }).click();
  await dialog().getByLabel(/config/).selectOption({ index: 1 });
  await dialog().getByLabel("Alias").fill("by-hand");
  await inspected("assemble");
  await dialog().getByRole("button", { name: "Create Freight" }).click();
  await page.waitForURL(/\/freight\//);
  await seen(page.getByRole("heading", { name: "by-hand" }));
}

async function onAPhoneInTheDark() {
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 390, height: 844 });
  for (const [name, path] of [["pipeline", ""], ["stage", "/stage/prod"], ["warehouse", "/warehouse/web"]]) {
    await page.goto(`${server}/project/demo${path}`);
    await seen(page.getByText(/2\.0\.0/));
    await inspected(`phone-${name}`);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(over <= 0, `${name} is ${over} wider than the phone`);
  }
  await page.goto(`${server}/project/demo`);
  await page.getByRole("button", { name: "Actions of prod" }).click();
  await seen(page.getByRole("button", { name: "History and details" }));
  const below = await page.evaluate(() => document.querySelector(":popover-open").getBoundingClientRect().bottom - innerHeight);
  assert.ok(below <= 0, `the menu ends ${below} below the phone`);
}

async function signOut() {
  await page.getByRole("button", { name: "You" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/\/login/);
  await page.goto(`${server}/project/demo`);
  await page.waitForURL(/\/login/);
}

/** Whoever may only look is offered nothing else, and sees everything. */
async function asAViewer() {
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 860 });
  const made = await context.request.post(`${server}/v1beta1/projects/demo/roles/kargo-viewer/api-tokens`, {
    headers: { Authorization: `Bearer ${token}` },
    data: { name: "looks" },
  });
  const { data } = await made.json();
  await page.goto(`${server}/login`);
  await seen(page.locator("#secret"));
  const way = page.getByRole("tab", { name: "Token" });
  if (await way.count()) await way.click();
  await page.getByLabel("Token", { exact: true }).fill(atob(data.token));
  await page.keyboard.press("Enter");
  await page.waitForURL(`${server}/`);
  await page.goto(`${server}/project/demo`);
  await seen(stage("prod").getByText("2.0.0"));
  const nothing = async (name, words) => {
    for (const word of words) await page.getByText(word, { exact: true }).waitFor({ state: "hidden" });
    await inspected(`viewer-${name}`);
  };
  await page.getByRole("option").first().click();
  await seen(page.getByText("Where it may go:"));
  await nothing("pipeline", ["Promote here", "Promote again"]);
  assert.equal(await page.getByRole("option").first().getAttribute("draggable"), "false");
  assert.equal(await page.getByRole("button", { name: "Add to this project" }).count(), 0);
  await page.goto(`${server}/project/demo/stage/prod`);
  await seen(page.getByText("There now"));
  await nothing("stage", ["Promote", "Roll back", "Verify again"]);
  await page.getByRole("button", { name: /More actions/ }).click();
  await seen(page.getByRole("button", { name: "Refresh" }));
  await nothing("menu", ["Promote downstream…", "Delete…"]);
  await page.goto(`${server}/project/demo/stage/prod?tab=manifest`);
  await seen(page.getByText("Your roles let you read it"));
  await nothing("manifest", ["Apply", "Discard"]);
  await page.goto(`${server}/project/demo/warehouse/web`);
  await seen(page.getByText("2.0.0"));
  await nothing("warehouse", ["Assemble Freight"]);
  await page.goto(`${server}/project/demo/settings/roles`);
  await seen(page.getByText("kargo-viewer"));
  await nothing("roles", ["Add a role", "Delete"]);
  assert.equal(await page.getByRole("button", { name: /^(Edit|Delete) / }).count(), 0);
}

await walk([
  signIn,
  newFreightIsThereWithoutAReload,
  theServerIsAwayForAWhile,
  whyNotAndApproval,
  planThenPromotion,
  everythingByKeys,
  draggedFreight,
  draggedQuickly,
  rollback,
  manifest,
  warehouse,
  onAPhoneInTheDark,
  signOut,
  asAViewer,
]);
