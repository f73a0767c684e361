import { queryOptions } from "@tanstack/react-query";
import { api, data, type Schema } from "#shared/api/client";

export type Found = Schema["SearchOut"];

/** What the words find; nothing is asked for fewer than two letters or for actions (">"). */
export function searchQuery(words: string) {
  const { q, kinds } = readWords(words);
  return queryOptions({
    queryKey: ["search", q, kinds],
    queryFn: () => data(api.GET("/api/v1/search", { params: { query: { q, ...(kinds ? { kinds } : {}) } } })),
    enabled: q.length >= 2,
    staleTime: 10_000,
  });
}

/** `#` looks for sessions and tokens only, `@` for people; `>` for nothing on the server. */
export function readWords(words: string): { q: string; kinds: string | null } {
  const first = words.trimStart()[0];
  const rest = words.trimStart().slice(1).trim();
  if (first === ">") return { q: "", kinds: null };
  if (first === "#") return { q: rest, kinds: "session,token" };
  if (first === "@") return { q: rest, kinds: "user" };
  // A verb before the name ("reset utr-p3") is for the actions; the name is what is looked for.
  const verb = /^(reset|neustart|restart)\s+/i.exec(words.trim());
  return { q: verb ? words.trim().slice(verb[0].length) : words.trim(), kinds: null };
}
