/** Addresses that come from outside. */

/** A path of these pages; anything else, such as another site, becomes the first page. */
export function localPath(wanted: string | null): string {
  if (!wanted?.startsWith("/") || wanted.startsWith("//") || wanted.includes("\\")) return "/";
  return wanted.startsWith("/login") ? "/" : wanted;
}

/** An address that may be a link: of the web, nothing that a browser would run. */
export function safeLink(address: string | undefined): string | undefined {
  if (!address) return undefined;
  try {
    const { protocol } = new URL(address);
    return protocol === "https:" || protocol === "http:" ? address : undefined;
  } catch {
    return undefined;
  }
}

/** The page of a commit, where its forge's pages are known by the host's name. */
export function commitLink(repoURL: string | undefined, id: string | undefined): string | undefined {
  const page = repoLink(repoURL);
  if (!page || !id) return undefined;
  const host = new URL(page).hostname;
  if (host === "github.com" || host.startsWith("gitea.") || host === "codeberg.org") return `${page}/commit/${id}`;
  if (host === "gitlab.com" || host.startsWith("gitlab.")) return `${page}/-/commit/${id}`;
  if (host === "bitbucket.org") return `${page}/commits/${id}`;
  if (host === "dev.azure.com") return `${page}/commit/${id}`;
  return undefined;
}

/** The page of a Git repository; SSH addresses lead to the same place. */
export function repoLink(repoURL: string | undefined): string | undefined {
  const text = (repoURL ?? "").replace(/^(?:ssh:\/\/)?git@([^:/]+)[:/]/, "https://$1/").replace(/\.git\/?$/, "");
  return safeLink(text)?.replace(/\/\/[^@/]*@/, "//");
}

/** The end of an address that tells repositories apart: `acme/web`. */
export function shortRepo(repoURL: string | undefined): string {
  const parts = (repoURL ?? "").replace(/\.git\/?$/, "").split(/[/:]/).filter(Boolean);
  return parts.slice(-2).join("/") || "?";
}
