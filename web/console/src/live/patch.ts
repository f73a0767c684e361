/** Which cached lists an event makes stale, and how pages of rows are patched. Pure. */
import type { InfiniteData } from "@tanstack/react-query";
import type { LiveEvent } from "./events";

const PLURAL: Record<string, string> = {
  station: "stations", connector: "stations", evse: "stations", location: "locations", session: "sessions", cdr: "sessions",
  token: "tokens", tariff: "tariffs", command: "commands", message: "messages", knock: "inbox", user: "users", key: "keys",
  partner: "partners", operator: "operator", incident: "incidents", alert_rule: "alerts", alert_channel: "alerts",
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

type RowOf<P extends PageOf<unknown>> = P["items"][number];

/** The page with one row changed; the same object if no row is, so that nothing renders again. */
export function patchRow<P extends PageOf<unknown>>(page: P | undefined, is: (row: RowOf<P>) => boolean, change: (row: RowOf<P>) => RowOf<P>): P | undefined {
  if (page === undefined) return page;
  const index = page.items.findIndex(is);
  const row: RowOf<P> | undefined = page.items[index];
  if (row === undefined) return page;
  const changed = change(row);
  return changed === row ? page : { ...page, items: page.items.with(index, changed) };
}

/** The same for an infinite query. */
export function patchRows<P extends PageOf<unknown>>(data: InfiniteData<P> | undefined, is: (row: RowOf<P>) => boolean, change: (row: RowOf<P>) => RowOf<P>): InfiniteData<P> | undefined {
  if (data === undefined) return data;
  const pages = data.pages.map((page) => patchRow(page, is, change) ?? page);
  return pages.every((page, index) => page === data.pages[index]) ? data : { ...data, pages };
}
