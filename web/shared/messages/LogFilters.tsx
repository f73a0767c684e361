import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api, data } from "#shared/api/client";
import { Button } from "#shared/button/Button";
import { Segments } from "#shared/button/Segments";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { Tag } from "#shared/page/Page";
import { ACTIONS } from "./actions";
import type { StationFacts } from "./copies";
import { stationFactsQuery } from "./queries";
import { text } from "./text";
import type { LogState } from "./useLogState";
import classes from "./messages.module.css";

/** What the log is narrowed to, in a row that reads as a sentence. */
export function LogFilters({ state, station, zone, tools }: { state: LogState; station: StationFacts | null; zone: string | null; tools: ReactNode }) {
  const t = useText(text);
  const f = useFormat();
  const { filter } = state;
  const custom = state.range === "custom";
  const short = (at: string | null) => (at ? f.time(at, "dateTime", zone) : "…");
  return (
    <div className={classes["filters"]} role="search" aria-label={t("filters")}>
      {station ? null : <StationField value={filter.station} onChange={(id) => state.set({ station: id ?? undefined })} />}
      <Segments
        label={t("direction")}
        value={filter.direction}
        onChange={(direction) => state.set({ direction: direction || undefined })}
        options={[{ value: "", label: t("both") }, { value: "in", label: t("from") }, { value: "out", label: t("to") }]}
      />
      <ActionField value={filter.action} onChange={(action) => state.set({ action: action || undefined })} />
      <label className={classes["pick"]} data-on={state.range !== "" || undefined}>
        {t("range")}
        <select value={state.range} onChange={(event) => state.set({ range: event.currentTarget.value || undefined, since: undefined, until: undefined })}>
          <option value="">{t("all")}</option>
          <option value="hour">{t("hour")}</option>
          <option value="day">{t("day")}</option>
          <option value="week">{t("week")}</option>
          {custom ? <option value="custom">{t("custom", { from: short(filter.since), until: short(filter.until) })}</option> : null}
        </select>
      </label>
      <Button size="sm" icon="warn" className={filter.errors ? classes["tailOn"] : ""} aria-pressed={filter.errors} onClick={() => state.set({ errors: filter.errors ? undefined : "1" })}>{t("errors")}</Button>
      {filter.correlation ? (
        <span className={classes["correlation"]}>
          {t(filter.correlation.startsWith("cmd_") ? "commandOf" : "messageOf")} <Tag tone="accent">{filter.correlation}</Tag>
          <button type="button" aria-label={t("clearCorrelation")} onClick={() => state.set({ correlation: undefined })}><Icon name="close" size={14} /></button>
        </span>
      ) : null}
      <span className={classes["space"]} />
      {tools}
    </div>
  );
}

function ActionField({ value, onChange }: { value: string; onChange: (action: string) => void }) {
  const t = useText(text);
  const [typed, setTyped] = useState(value);
  const [before, setBefore] = useState(value);
  if (before !== value) {
    setBefore(value);
    setTyped(value);
  }
  return (
    <label className={classes["pick"]} data-on={value !== "" || undefined}>
      {t("action")}
      <input
        list="fc-ocpp-actions"
        placeholder={t("anyAction")}
        value={typed}
        onChange={(event) => {
          const next = event.currentTarget.value;
          setTyped(next);
          if (next === "" || ACTIONS.includes(next)) onChange(next);
        }}
        onBlur={() => typed !== value && onChange(typed.trim())}
        onKeyDown={(event) => event.key === "Enter" && onChange(typed.trim())}
      />
      <datalist id="fc-ocpp-actions">{ACTIONS.map((action) => <option key={action} value={action} />)}</datalist>
    </label>
  );
}

/** A station by a part of its name; what is chosen is its id. */
function StationField({ value, onChange }: { value: string | null; onChange: (id: string | null) => void }) {
  const t = useText(text);
  const chosen = useQuery({ ...stationFactsQuery(value ?? ""), enabled: value !== null });
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? chosen.data?.identity ?? "";
  const words = (typed ?? "").trim();
  const found = useQuery({
    queryKey: ["stations", "names", words],
    queryFn: () => data(api.GET("/api/v1/stations", { params: { query: { q: words, limit: 20 } } })),
    enabled: words !== "",
  });
  const take = (name: string) => {
    const hit = found.data?.items.find((one) => one.identity.toLowerCase() === name.trim().toLowerCase());
    if (hit) {
      setTyped(null);
      onChange(hit.id);
    }
  };
  return (
    <span className={classes["pick"]} data-on={value !== null || undefined}>
      <label>
        {t("search")}{" "}
        <input
          list="fc-message-stations"
          placeholder={t("anyAction")}
          value={shown}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            if (event.currentTarget.value === "") onChange(null);
            else take(event.currentTarget.value);
          }}
          onKeyDown={(event) => event.key === "Enter" && take(event.currentTarget.value)}
        />
      </label>
      <datalist id="fc-message-stations">{(found.data?.items ?? []).map((one) => <option key={one.id} value={one.identity} />)}</datalist>
      {value !== null ? <button type="button" aria-label={t("clearCorrelation")} onClick={() => { setTyped(null); onChange(null); }}><Icon name="close" size={14} /></button> : null}
    </span>
  );
}
