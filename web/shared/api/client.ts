/**
 * The typed client of our REST API, made from its OpenAPI document (`make api-client`).
 *
 *     const page = await data(api.GET("/api/v1/stations", { params: { query: { limit: 50 } } }));
 *
 * A refusal is thrown as `ApiError` with the stable `code` of the problem. Changes carry the CSRF token, POST also an
 * Idempotency-Key: give your own (`headers: { "Idempotency-Key": newKey() }`) to repeat a request safely.
 */
import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema";

export type Schema = components["schemas"];
export type Problem = Schema["Problem"];

/** What the API refused, and why. `code` is stable; `status` 0 means that there was no answer at all. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly params: Record<string, unknown> = {},
    readonly requestId: string | null = null,
    readonly fields: { location: (string | number)[]; code: string; message: string }[] = [],
  ) {
    super(`${code}: ${detail}`);
  }

  /** The words for one field of the request, e.g. `fieldMessage("email")`. */
  fieldMessage(name: string): string | undefined {
    return this.fields.find((field) => field.location.at(-1) === name)?.message;
  }
}

/** A key that makes a repeated POST harmless. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The cookie that sign-in sets for the page. */
export function csrfToken(): string {
  return /(?:^|;\s*)forecourt_csrf=([^;]+)/.exec(document.cookie)?.[1] ?? "";
}

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

const edge: Middleware = {
  onRequest({ request }) {
    if (SAFE.has(request.method)) return;
    request.headers.set("X-CSRF-Token", csrfToken());
    if (request.method === "POST" && !request.headers.has("Idempotency-Key")) {
      request.headers.set("Idempotency-Key", newKey());
    }
  },
  async onResponse({ response }) {
    if (!response.ok) throw await errorOf(response);
  },
  onError({ error }) {
    return error instanceof ApiError ? error : new ApiError(0, "NoAnswer", String(error));
  },
};

/** The problem in an answer. */
export async function errorOf(response: Response): Promise<ApiError> {
  const problem = (await response.json().catch(() => null)) as Partial<Problem> | null;
  return new ApiError(
    response.status,
    problem?.code ?? `Http${response.status}`,
    problem?.detail ?? response.statusText,
    problem?.params ?? {},
    problem?.request_id ?? response.headers.get("X-Request-Id"),
    (problem?.errors ?? []) as ApiError["fields"],
  );
}

export const api = createClient<paths>({ baseUrl: "", querySerializer: { array: { style: "form", explode: true } } });
api.use(edge);

/** The answer's body; what was refused has been thrown already. */
export async function data<T>(call: Promise<{ data?: T; response: Response }>): Promise<T> {
  return (await call).data as T;
}

/** The answer's body and its ETag, for edits with `If-Match`. */
export async function withEtag<T>(call: Promise<{ data?: T; response: Response }>): Promise<{ value: T; etag: string | null }> {
  const answer = await call;
  return { value: answer.data as T, etag: answer.response.headers.get("ETag") };
}

/** Address of a CSV export with the filters of a list: `csvUrl("/api/v1/stations", { link: "offline" })`. */
export function csvUrl(path: string, query: Record<string, string | undefined>): string {
  const search = new URLSearchParams({ format: "csv" });
  for (const [name, value] of Object.entries(query)) if (value) search.set(name, value);
  return `${path}?${search.toString()}`;
}
