/** The one seam to the server: every request of every page goes through `request`. */

export interface Problem {
  field?: string;
  message: string;
  advice?: string;
}

/** What the server refused, in its own words. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly advice?: string,
    readonly problems: readonly Problem[] = [],
  ) {
    super(message);
    this.name = "ApiError";
  }
}

const held: { csrf: string | null } = { csrf: null };

/** What unsafe requests must carry when a cookie signs them. */
export function holdCsrf(token: string | null): void {
  held.csrf = token;
}

export interface Asked {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  query?: Record<string, string | number | boolean | readonly string[] | undefined>;
  body?: unknown;
  /** The media type of a body that is text already. */
  type?: string;
  accept?: string;
  /** A token to show once; what follows is let in by a cookie, which no script can read. */
  bearer?: string;
  signal?: AbortSignal | undefined;
}

/** `/v1beta1/projects/a%2Fb`: every part of a path is escaped, so that no name can leave its place. */
export function path(strings: TemplateStringsArray, ...values: string[]): string {
  return strings.reduce((all, part, index) => all + encodeURIComponent(values[index - 1] ?? "") + part);
}

function url(place: string, query: Asked["query"]): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === "") continue;
    for (const each of Array.isArray(value) ? value : [value]) search.append(name, String(each));
  }
  const text = search.toString();
  return text ? `${place}?${text}` : place;
}

/** Sends a request and throws ApiError for every answer that is not a success. */
export async function send(place: string, asked: Asked = {}): Promise<Response> {
  const headers = new Headers({ Accept: asked.accept ?? "application/json" });
  if (asked.bearer) headers.set("Authorization", `Bearer ${asked.bearer}`);
  if (asked.method && asked.method !== "GET" && held.csrf) headers.set("X-Argosy-CSRF", held.csrf);
  const given: RequestInit = { method: asked.method ?? "GET", headers, credentials: "same-origin" };
  if (asked.body !== undefined) {
    headers.set("Content-Type", asked.type ?? "application/json");
    given.body = asked.type && typeof asked.body === "string" ? asked.body : JSON.stringify(asked.body);
  }
  if (asked.signal) given.signal = asked.signal;
  let answer: Response;
  try {
    answer = await fetch(url(place, asked.query), given);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "The server cannot be reached.", "Is it running, and is this machine online?");
  }
  if (answer.ok) return answer;
  throw await refusal(answer);
}

/** A request answered by JSON. */
export async function request<T>(place: string, asked: Asked = {}): Promise<T> {
  const answer = await send(place, asked);
  const text = await answer.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

async function refusal(answer: Response): Promise<ApiError> {
  const text = await answer.text().catch(() => "");
  try {
    const told = JSON.parse(text) as Record<string, unknown>;
    const details = (told.details ?? {}) as { causes?: { field?: string; message: string }[] };
    const message = told.error ?? told.message ?? told.detail;
    return new ApiError(
      answer.status,
      typeof message === "string" ? message : answer.statusText,
      typeof told.advice === "string" ? told.advice : undefined,
      (told.problems ?? details.causes ?? []) as Problem[],
    );
  } catch {
    return new ApiError(answer.status, text.slice(0, 300) || answer.statusText || `The server answered ${answer.status}.`);
  }
}
