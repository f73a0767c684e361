/** Which cached lists an event makes stale, and how pages of rows are patched. Pure. */
import type { InfiniteData } from "@tanstack/react-query";
import type { LiveEvent } from "./events";

const PLURAL: Record<string, string> = {
  station: "stations", connector: "stations", evse: "stations", location: "locations", session: "sessions", cdr: "sessions",
  token: "tokens", tariff: "tariffs", command: "commands", message: "messages", knock: "inbox", user: "users", key: "keys",
  partner: "partners", operator: "operator",
};

/** First parts of the query keys that a fact is about. Live values (no position) patch, they make nothing stale. */
export function staleKeys(event: LiveEvent): string[] {
  if (event.position === undefined) return [];
  if (event.type === "station.knocked") return ["inbox", "stations"];
  const noun = event.type.split(".", 1)[0] ?? "";
  const key = PLURAL[noun];
  return key === undefined ? [] : key === "stations" ? ["stations", "locations", "network"] : [key, "network"];
}

export interface PageOf<Row> {
  items: Row[];
  next_cursor?: string | null;
}

/** The page with one row changed; the same object if no row is, so that nothing renders again. */
export function patchRow<Row, P extends PageOf<Row>>(page: P | undefined, is: (row: Row) => boolean, change: (row: Row) => Row): P | undefined {
  if (page === undefined) return page;
  const index = page.items.findIndex(is);
  if (index < 0) return page;
  const row = page.items[index] as Row;
  const changed = change(row);
  if (changed === row) return page;
  const items = page.items.slice();
  items[index] = changed;
  return { ...page, items };
}

/** The same for an infinite query. */
export function patchRows<Row, P extends PageOf<Row>>(data: InfiniteData<P> | undefined, is: (row: Row) => boolean, change: (row: Row) => Row): InfiniteData<P> | undefined {
  if (data === undefined) return data;
  const pages = data.pages.map((page) => patchRow<Row, P>(page, is, change) as P);
  return pages.every((page, index) => page === data.pages[index]) ? data : { ...data, pages };
}
