/** What waits for a person: stops and readings that fit no session, and data that was repaired or held. */
import { useInfiniteQuery, useQuery, useQueryClient, type UseInfiniteQueryResult, type InfiniteData } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";
import { useLiveRefetch } from "#console/live/Live";
import { api, ApiError, data } from "#shared/api/client";
import { useMay } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { Age } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { Card, Note } from "#shared/page/Page";
import { Empty, Failure, Lines } from "#shared/page/States";
import { Flags, maskToken } from "#shared/session/Flags";
import { MatchDialog } from "./MatchDialog";
import { findingsQuery, orphansQuery, param, type Finding, type Orphan } from "./work";
import { text } from "./workText";
import classes from "./sessions.module.css";

const WRITE = "sessions:write";

export function WorkList({ switcher }: { switcher: ReactNode }) {
  const t = useText(text);
  const may = useMay();
  const orphans = useInfiniteQuery(orphansQuery);
  const findings = useInfiniteQuery(findingsQuery);
  useLiveRefetch(["session.ended", "session.corrected", "session.settled"], ["findings"]);
  useLiveRefetch(["session.ended", "session.corrected"], ["orphans"]);
  const known = [...rowsOf(orphans), ...rowsOf(findings)];
  const nothing = orphans.isSuccess && findings.isSuccess && known.length === 0;
  return (
    <div className={classes["work"]}>
      <div className={classes["workHead"]}>
        <span className={classes["space"]} />
        {switcher}
      </div>
      {may(WRITE) ? null : <Note icon={<Icon name="lock" />}>{t("mayNot", { permission: WRITE })}</Note>}
      {nothing ? (
        <Card><Empty icon="check" title={t("emptyTitle")}>{t("emptyHelp")}</Empty></Card>
      ) : (
        <>
          <List title={t("orphans")} help={t("orphansNote")} query={orphans} item={(orphan) => <OrphanItem key={orphan.id} orphan={orphan} />} />
          <List title={t("findings")} help={t("findingsNote")} query={findings} item={(finding) => <FindingItem key={finding.id} finding={finding} />} />
        </>
      )}
    </div>
  );
}

type Pages<Row> = UseInfiniteQueryResult<InfiniteData<{ items: Row[] }>>;

function rowsOf<Row>(query: Pages<Row>): Row[] {
  return query.data?.pages.flatMap((page) => page.items) ?? [];
}

function List<Row>({ title, help, query, item }: { title: string; help: string; query: Pages<Row>; item: (row: Row) => ReactNode }) {
  const t = useText(text);
  const rows = rowsOf(query);
  if (query.isSuccess && rows.length === 0) return null;
  return (
    <Card title={title} note={help} bare>
      {query.error && rows.length === 0 ? <Failure error={query.error} what={title} onRetry={() => void query.refetch()} /> : null}
      {query.isPending ? <Lines count={4} /> : null}
      <ul aria-label={title}>{rows.map(item)}</ul>
      {query.hasNextPage ? <div className={classes["more"]}><Button size="sm" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("more")}</Button></div> : null}
    </Card>
  );
}

/** Runs a decision, says how it went and loads the lists again. */
function useDecide() {
  const t = useText(text);
  const client = useQueryClient();
  const { say, refuse } = useCommands();
  const [busy, setBusy] = useState(false);
  const decide = async (done: string, run: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    try {
      await run();
      say(done);
      return true;
    } catch (thrown) {
      if (!(thrown instanceof ApiError)) throw thrown;
      refuse(t("failed"), thrown);
      return false;
    } finally {
      setBusy(false);
      for (const key of ["orphans", "findings", "sessions"]) void client.invalidateQueries({ queryKey: [key] });
    }
  };
  return { busy, decide };
}

/** The identity of a station by its id. */
function useStationName(id: string | null): string {
  const may = useMay();
  const found = useQuery({
    queryKey: ["stations", "name", id],
    queryFn: () => data(api.GET("/api/v1/stations/{station}", { params: { path: { station: id ?? "" } } })),
    enabled: id !== null && may("stations:read"),
    staleTime: 5 * 60_000,
  });
  return found.data?.identity ?? id ?? "";
}

function OrphanItem({ orphan }: { orphan: Orphan }) {
  const t = useText(text);
  const f = useFormat();
  const may = useMay();
  const { ask, say } = useCommands();
  const { busy, decide } = useDecide();
  const [matching, setMatching] = useState(false);
  const station = useStationName(orphan.station_id);
  const transaction = orphan.transaction ?? t("unknown");
  const title = orphan.kind === "stop" ? t("stop", { transaction }) : orphan.kind === "readings" ? t("readings", { transaction }) : t("frame");
  const facts = [
    orphan.evse_no === null ? null : t("connector", { number: String(orphan.evse_no) }),
    orphan.meter_wh === null ? null : t("meter", { energy: f.energy(orphan.meter_wh, 3) }),
    orphan.token_value === null ? null : t("token", { token: maskToken(orphan.token_value) ?? "" }),
  ].filter(Boolean);
  const dismiss = async () => {
    const answer = await ask({ title: t("dismissTitle", { station }), consequences: [{ text: t("dismissLine") }], verb: t("dismissVerb"), reason: true });
    if (answer === null) return;
    const reason = answer.reason.trim();
    if (reason === "") return say(t("notDismissed"), t("needReason"));
    await decide(t("dismissed"), () => api.POST("/api/v1/orphans/{orphan}/dismiss", { params: { path: { orphan: orphan.id } }, body: { reason } }));
  };
  return (
    <li className={classes["item"]}>
      <Icon name="help" />
      <div>
        <b>{title}</b>
        <p>{orphan.kind === "stop" ? t("orphanStop", { station }) : orphan.kind === "readings" ? t("orphanReadings", { station }) : `${station}: ${orphan.reason_code}`}{facts.length > 0 ? ` · ${facts.join(", ")}` : ""}</p>
        <div className={classes["links"]}>
          <Age at={orphan.received_at} />
          <Link className="fc-link" to={`/stations/${orphan.station_id}`}>{t("openStation")}</Link>
          {orphan.message_id && may("messages:read") ? <Link className="fc-link" to="/messages" search={{ station: orphan.station_id, correlation: orphan.message_id } as never}>{t("openMessages")}</Link> : null}
        </div>
      </div>
      <div className={classes["acts"]}>
        <Button size="sm" kind="primary" disabled={!may(WRITE) || busy} onClick={() => setMatching(true)}>{t("match")}</Button>
        <Button size="sm" disabled={!may(WRITE) || busy} onClick={() => void dismiss()}>{t("dismiss")}</Button>
      </div>
      {matching ? (
        <MatchDialog
          orphan={orphan}
          station={station}
          onClose={() => setMatching(false)}
          onMatch={(session) => decide(t("matched"), () => api.POST("/api/v1/orphans/{orphan}/match", { params: { path: { orphan: orphan.id } }, body: { session_id: session } }))}
        />
      ) : null}
    </li>
  );
}

function FindingItem({ finding }: { finding: Finding }) {
  const t = useText(text);
  const f = useFormat();
  const may = useMay();
  const { ask } = useCommands();
  const { busy, decide } = useDecide();
  const station = useStationName(finding.station_id);
  const known = finding.code in text.en ? (finding.code as "EnergyHeld") : null;
  const held = finding.code === "EnergyHeld";
  const words = { energy: f.energy(param(finding, "held_wh"), 3), field: param(finding, "column") ?? "", kept: param(finding, "kept") ?? "", said: param(finding, "said") ?? "" };
  const title = known ? t(known, words) : finding.code;
  const flags = Array.isArray(finding.params["quality"]) ? finding.params["quality"].map(String) : [];
  const resolve = async () => {
    const answer = await ask({
      title: t("resolveTitle", { what: title }),
      consequences: [{ text: t("resolveLine") }, ...(held ? [{ text: t("resolveHeld") }] : [])],
      verb: t("resolveVerb"),
      reason: true,
    });
    if (answer === null) return;
    await decide(t("resolved"), () =>
      api.POST("/api/v1/findings/{finding}/resolve", { params: { path: { finding: finding.id } }, body: { reason: answer.reason.trim() || null } }),
    );
  };
  return (
    <li className={classes["item"]}>
      <Icon name="warn" />
      <div>
        <b>{title}</b> <Flags flags={flags} most={3} />
        <p>{known ? t(`${known}Help`, words) : JSON.stringify(finding.params)}</p>
        <div className={classes["links"]}>
          <Age at={finding.found_at} />
          <span className="fc-mono">{station}</span>
          {finding.session_id ? <Link className="fc-link" to={`/sessions/${finding.session_id}`}>{t("openSession")}</Link> : null}
        </div>
      </div>
      <div className={classes["acts"]}>
        <Button size="sm" disabled={!may(WRITE) || busy} onClick={() => void resolve()}>{t("resolve")}</Button>
      </div>
    </li>
  );
}
