// How somebody begins: from a server with nothing on it to a version in prod, without having read anything; then what
// they set up for others.
//
//     SERVER=https://127.0.0.1:7443 TOKEN=... IMAGE=registry/acme/web CONFIG=file:///repo.git PICTURES=folder node browser/beginnings.mjs
import assert from "node:assert/strict";

import { dialog, inspected, page, seen, walk } from "./walker.mjs";

const { SERVER: server, TOKEN: token, IMAGE: image, CONFIG: config } = process.env;

const button = (name) => page.getByRole("button", { name, exact: true });
const row = (name) => page.getByRole("listitem").filter({ hasText: name });

async function signIn() {
  await page.goto(server);
  await page.getByLabel("Token", { exact: true }).fill(token);
  await page.keyboard.press("Enter");
}

async function fromNothing() {
  await seen(page.getByRole("heading", { name: "Bring the first version to production" }));
  await inspected("first");
  await page.getByRole("link", { name: "Create a pipeline" }).click();
  await button("Continue").click();
  await seen(page.getByText("Which image?"));
  await page.getByLabel("Image, without a tag").fill(`${image}:1.0.0`);
  await seen(page.getByText("Leave out the tag"));
  await inspected("create-what");
  await page.getByLabel("Image, without a tag").fill(image);
  await page.getByLabel("Name of the project").fill("shop");
  await button("Continue").click();
  await seen(page.getByRole("group", { name: "staging" }));
  await inspected("create-stages");
  await button("Continue").click();
  await page.getByLabel("Repository that says what runs").fill(config);
  await seen(page.getByText("values.yaml on main, with image.tag in it"));
  await inspected("create-how");
  await button("Continue").click();
  await seen(page.getByText("Nothing is wrong with it"));
  await inspected("create-check");
}

async function faultsAreAtTheirLine() {
  const editor = page.getByRole("textbox", { name: "Manifests of the pipeline" });
  await editor.click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("---\nkind: Stage\n");
  await seen(page.getByText(/^Line \d+/));
  assert.ok(await button("Create the pipeline").isDisabled());
  await button("Write it anew from the answers").click();
  await seen(page.getByText("Nothing is wrong with it"));
}

async function whatBecomesOfIt() {
  await button("Create the pipeline").click();
  await seen(row("staging").getByText(/Runs web \d/));
  await seen(row("prod").getByText("Waits for you"));
  await inspected("create-done");
  await page.getByRole("link", { name: "Open the pipeline" }).click();
  await page.waitForURL(/\/project\/shop$/);
}

async function toProd() {
  const prod = page.locator('article[data-stage="prod"]');
  await prod.getByRole("button", { name: /newer/ }).click();
  await dialog().getByText("web", { exact: true }).click();
  await dialog().getByRole("button", { name: "Promote", exact: true }).click();
  await page.waitForURL(/\/promotion\/prod\./);
  await seen(page.locator("header").getByText("Succeeded"));
}

async function whatRunsWhere() {
  await page.goto(`${server}/runs`);
  await seen(page.getByRole("row").filter({ hasText: "acme/web" }).getByText(/^\d+\.\d+\.\d+$/));
  await inspected("runs");
  await button("By artifact").click();
  await seen(page.getByText("3 places"));
  await page.getByRole("checkbox", { name: "Only what lags" }).check();
  await seen(page.getByText("Nothing lags behind"));
  await page.goto(`${server}/project/shop/events?kind=Promotion&reason=PromotionSucceeded`);
  await seen(page.getByRole("link", { name: "prod" }));
  await inspected("events");
}

async function aSecretIsNotShownAgain() {
  await page.goto(`${server}/project/shop/settings/repositories`);
  await page.getByRole("button", { name: "Add a sign-in" }).first().click();
  await button("Add").click();
  await seen(page.getByText("With which password or token?"));
  await page.getByLabel("Address of the repository").fill("https://git.example.com/acme/private.git");
  await page.getByLabel("User name").fill("bot");
  await page.getByLabel("Password or token").fill("s3cret-value");
  await page.getByLabel("Name", { exact: true }).fill("private");
  await seen(dialog().getByText(/argosy credentials create private --project shop --git/));
  await inspected("sign-in-added");
  await button("Add").click();
  await seen(row("private").getByText("acme/private"));
  await button("Edit private").click();
  assert.equal(await page.getByLabel("Password or token").inputValue(), "");
  assert.ok(!(await page.content()).includes("s3cret-value"));
  await button("Cancel").click();
}

async function tokensAreShownOnce() {
  await page.goto(`${server}/project/shop/settings/tokens`);
  await page.getByRole("button", { name: "Create a token" }).first().click();
  await page.getByLabel("Name").fill("ci");
  await page.getByLabel("Acts as").selectOption("kargo-promoter");
  await inspected("token-asked");
  await button("Create").click();
  await seen(page.getByText("Copy it now"));
  const made = await dialog().locator("code").first().innerText();
  const asked = () => page.request.get(`${server}/v1beta1/projects/shop/stages`, { headers: { Authorization: `Bearer ${made}`, Cookie: "" } });
  assert.equal((await asked()).status(), 200);
  await button("I have it").click();
  await seen(row("ci").getByText("acts as kargo-promoter"));
  assert.ok(!(await page.content()).includes(made));
  await button("Delete ci").click();
  await button("Delete").click();
  await seen(page.getByText("No tokens"));
  assert.equal((await asked()).status(), 401);
}

async function rolesAndPolicies() {
  await page.goto(`${server}/project/shop/settings/roles`);
  await page.getByRole("button", { name: "Add a role" }).first().click();
  await page.getByLabel("Name", { exact: true }).fill("releasers");
  await page.getByLabel("Values").fill("releasers, qa");
  await inspected("role-added");
  await button("Add").click();
  await seen(row("releasers").getByText("groups: qa, releasers"));
  await inspected("roles");
  await page.goto(`${server}/project/shop/settings/policies`);
  await seen(page.getByRole("textbox", { name: "Manifest of shop" }));
  await inspected("policies");
}

async function aStageMore() {
  await button("Add to this project").click();
  await page.getByRole("link", { name: "Add a stage" }).click();
  await page.getByLabel("Name").fill("prod-eu");
  await page.getByLabel("Takes it from").selectOption("prod");
  await seen(page.getByText("Nothing is wrong with it"));
  await inspected("stage-added");
  await button("Create").click();
  await page.waitForURL(/\/stage\/prod-eu$/);
}

async function onAPhoneInTheDark() {
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 390, height: 844 });
  const parts = ["policies", "repositories", "secrets", "tasks", "roles"];
  const places = ["/", "/create-project", "/runs", "/settings/about", "/project/shop/runs", "/project/shop/events", "/project/shop/create/warehouse"];
  for (const place of [...places, ...parts.map((part) => `/project/shop/settings/${part}`)]) {
    await page.goto(`${server}${place}`);
    await seen(page.getByRole("heading", { level: 1 }));
    await page.locator('[role="status"][aria-label^="Loading"]').first().waitFor({ state: "detached" });
    await inspected(`phone${place.replaceAll("/", "-")}`);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(over <= 0, `${place} is ${over} wider than the phone`);
  }
}

async function theEnd() {
  await page.goto(`${server}/project/shop/settings/delete`);
  await button("Delete shop").click();
  await button("Delete the project").click();
  await seen(page.getByText("This is not shop."));
  await page.getByLabel("Name of the project").fill("shop");
  await button("Delete the project").click();
  await page.waitForURL((url) => url.pathname === "/");
}

await walk([
  signIn,
  fromNothing,
  faultsAreAtTheirLine,
  whatBecomesOfIt,
  toProd,
  whatRunsWhere,
  aSecretIsNotShownAgain,
  tokensAreShownOnce,
  rolesAndPolicies,
  aStageMore,
  onAPhoneInTheDark,
  theEnd,
]);
