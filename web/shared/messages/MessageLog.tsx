/**
 * The message log, of one station or of all: filters in the address, one line an exchange, the chosen one beside it.
 *
 *     <MessageLog station={{ id, identity, protocol }} zone={location.time_zone} />
 *     <MessageLog station={null} zone={me.operator.time_zone} />
 *
 * Other screens link here: `/messages?station=sta_…&correlation=cmd_…`, `…&since=…&until=…`.
 */
import { keepPreviousData, useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import { useLost } from "#console/frame/LinkSign";
import { Button, DownloadLink } from "#shared/button/Button";
import { useText } from "#shared/i18n/i18n";
import { useKeys } from "#shared/keys/keys";
import { Empty, Failure, Lines, NoMatch } from "#shared/page/States";
import type { StationFacts } from "./copies";
import { exchangesOf } from "./exchange";
import { LogFilters } from "./LogFilters";
import { MessageDetail } from "./MessageDetail";
import { MessageRows } from "./MessageRows";
import { exportUrl, logQuery, stationFactsQuery, tailQuery, PAGE } from "./queries";
import { text } from "./text";
import { useLogState } from "./useLogState";
import classes from "./messages.module.css";

const TAIL_MS = 2_000;

export function MessageLog({ station, zone }: { station: StationFacts | null; zone: string | null }) {
  const t = useText(text);
  const lost = useLost();
  const state = useLogState(station?.id ?? null);
  const [hovered, setHovered] = useState(false);
  const frozen = hovered || lost;
  const log = useInfiniteQuery({ ...logQuery(state.filter), enabled: !state.tail, placeholderData: keepPreviousData });
  const tail = useQuery({ ...tailQuery(state.filter), enabled: state.tail, refetchInterval: frozen ? false : TAIL_MS, placeholderData: keepPreviousData });
  const query = state.tail ? tail : log;
  const rows = useMemo(() => (state.tail ? tail.data?.items : log.data?.pages.flatMap((page) => page.items)), [state.tail, tail.data, log.data]);
  const exchanges = useMemo(() => exchangesOf(rows ?? []), [rows]);
  const found = exchanges.find((one) => one.id === state.chosen) ?? null;
  // In the live tail the chosen one soon is no longer among the newest; it stays open.
  const kept = useRef(found);
  if (found) kept.current = found;
  const chosen = state.chosen === null ? null : (found ?? (kept.current?.id === state.chosen ? kept.current : null));
  const stations = useStations(station, exchanges.map((one) => one.stationId));

  const step = (by: number) => {
    const at = exchanges.findIndex((one) => one.id === state.chosen);
    const next = exchanges[at < 0 ? (by > 0 ? 0 : exchanges.length - 1) : Math.min(exchanges.length - 1, Math.max(0, at + by))];
    if (next) state.choose(next.id);
  };
  useKeys({ j: () => step(1), k: () => step(-1), r: () => void query.refetch(), ...(state.chosen ? { Escape: () => state.choose(null) } : {}) });

  let content;
  if (rows === undefined) content = query.error ? <Failure error={query.error} what={t("messages")} onRetry={() => void query.refetch()} /> : <div className={classes["pad"]}><Lines count={9} /></div>;
  else if (exchanges.length === 0) {
    content = state.filters > 0 ? <NoMatch filters={state.filters} onClear={state.clear} /> : <Empty icon="code" title={t("empty")}>{t("emptyHelp")}</Empty>;
  } else {
    content = <MessageRows exchanges={exchanges} chosen={state.chosen} zone={zone} nameOf={station ? null : (id) => stations.get(id)?.identity ?? "…"} onChoose={state.choose} />;
  }
  return (
    <div className={classes["log"]} data-embedded={station !== null || undefined}>
      <LogFilters
        state={state}
        station={station}
        zone={zone}
        tools={
          <>
            <Button size="sm" icon="dot" className={state.tail ? classes["tailOn"] : ""} aria-pressed={state.tail} onClick={() => state.setTail(!state.tail)}>{t("tail")}</Button>
            <DownloadLink href={exportUrl(state.filter)}>{t("export")}</DownloadLink>
          </>
        }
      />
      <div className={classes["grid"]} data-open={chosen !== null || undefined}>
        <section className={classes["card"]} aria-busy={query.isFetching && !state.tail}>
          <div className={classes["scroll"]} onPointerEnter={() => setHovered(true)} onPointerLeave={() => setHovered(false)}>{content}</div>
          {exchanges.length > 0 ? (
            <footer className={classes["foot"]}>
              <span>{state.tail ? (lost ? t("tailOff") : hovered ? t("paused") : t("tailing", { count: PAGE })) : t("shown", { count: exchanges.length })}</span>
              <span className={classes["space"]} />
              {state.tail ? null : log.hasNextPage ? (
                <Button size="sm" busy={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>{t("older")}</Button>
              ) : (
                <span>{t("end")}</span>
              )}
            </footer>
          ) : null}
        </section>
        {chosen ? <MessageDetail key={chosen.id} exchange={chosen} station={stations.get(chosen.stationId)} zone={zone} embedded={station !== null} onClose={() => state.choose(null)} /> : null}
      </div>
    </div>
  );
}

/** The stations of the rows, by id. */
function useStations(fixed: StationFacts | null, ids: readonly string[]): ReadonlyMap<string, StationFacts> {
  const missing = fixed ? [] : [...new Set(ids)];
  const queries = useQueries({ queries: missing.map((id) => ({ ...stationFactsQuery(id), staleTime: 5 * 60_000 })) });
  const found = queries.flatMap((query) => (query.data ? [query.data] : []));
  return new Map((fixed ? [fixed] : found).map((one) => [one.id, one]));
}
