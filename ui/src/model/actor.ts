/** Who did something, as people call them. */

/** `email:ada@example.com` is Ada's address, `admin` the administrator, a controller nobody. */
export function actorName(actor: string | undefined): string {
  if (!actor) return "";
  const [kind, ...rest] = actor.split(":");
  const name = rest.join(":");
  if (kind === "controller") return "Argosy itself";
  if (!name) return kind ?? "";
  if (kind === "api-token" || kind === "kubernetes" || kind === "serviceaccount") return name.replace(/^system:serviceaccount:/, "");
  return name;
}
