import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useLiveRefetch } from "#console/live/Live";
import { api, ApiError, csvUrl } from "#shared/api/client";
import { useMay } from "#shared/api/session";
import { DownloadLink } from "#shared/button/Button";
import { Segments } from "#shared/button/Segments";
import { useCommands } from "#shared/command/CommandsProvider";
import { useText } from "#shared/i18n/i18n";
import { Card, Page } from "#shared/page/Page";
import { CopyText, Empty, QueryState, Refused } from "#shared/page/States";
import { Adopt } from "./Adopt";
import { Door } from "./Door";
import { KnockList } from "./KnockList";
import { addressesQuery, knocksQuery, type Knock, type KnockState } from "./knocks";
import { text } from "./text";
import classes from "./inbox.module.css";

const STATES: readonly KnockState[] = ["waiting", "refused", "blocked", "adopted"];
type Search = Readonly<Record<string, string | undefined>>;

/** Who is this, may it in? */
export function Screen() {
  const t = useText(text);
  const may = useMay();
  const crumbs = [{ label: t("title") }];
  if (!may("inbox:read")) return <Page crumbs={crumbs}><Refused what={t("title")} permission="inbox:read" /></Page>;
  return <Page crumbs={crumbs}><Inbox /></Page>;
}

function Inbox() {
  const t = useText(text);
  const client = useQueryClient();
  const navigate = useNavigate();
  const { ask, refuse } = useCommands();
  const search = useSearch({ strict: false }) as Search;
  const state = STATES.find((one) => one === search["state"]) ?? "waiting";
  const query = useQuery(knocksQuery(state));
  useLiveRefetch(["station.knocked", "station.adopted", "knock.*"], ["inbox"]);
  const go = (change: Search) => void navigate({ to: ".", search: ((old: Search) => ({ ...old, ...change })) as never });
  const knocks = query.data?.items ?? [];
  const chosen = search["adopt"] ?? null;
  // The one that was adopted leaves the list; its password stays to be copied.
  const one = useQuery({ ...knockOf(chosen ?? ""), enabled: chosen !== null });
  const decide = async (knock: Knock, decision: "refuse" | "block" | "reopen") => {
    if (decision === "block") {
      const answer = await ask({ title: t("blockTitle", { name: knock.identity }), consequences: [{ text: t("blockHarm"), harms: true }, { text: t("blockKeep") }], verb: t("block"), harms: true });
      if (!answer) return;
    }
    const path = { params: { path: { knock: knock.id } } };
    try {
      if (decision === "refuse") await api.POST("/api/v1/inbox/knocks/{knock}/refuse", path);
      else if (decision === "block") await api.POST("/api/v1/inbox/knocks/{knock}/block", path);
      else await api.POST("/api/v1/inbox/knocks/{knock}/reopen", path);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      refuse(knock.identity, error);
    }
    if (chosen === knock.id) go({ adopt: undefined });
    await client.invalidateQueries({ queryKey: ["inbox"] });
  };
  const waiting = state === "waiting" ? knocks.length : null;
  return (
    <>
      <div className={classes["head"]}>
        <h2 className={classes["title"]}>{waiting === null ? t("title") : waiting === 0 ? t("nobody") : t("knocking", { count: waiting })}</h2>
        <span className={classes["space"]} />
        <Segments label={t("show")} value={state} onChange={(next) => go({ state: next === "waiting" ? undefined : next, adopt: undefined })} options={STATES.map((value) => ({ value, label: t(value) }))} />
        <DownloadLink href={csvUrl("/api/v1/inbox/knocks", { state })}>{t("export")}</DownloadLink>
      </div>
      <Door />
      <div className={classes["grid"]} data-open={chosen !== null || undefined}>
        <Card bare title={t(state)} note={state === "waiting" ? t("waitingNote") : undefined}>
          <QueryState query={query} what={t("knocksOf")}>
            {(page) =>
              page.items.length > 0 ? (
                <KnockList knocks={page.items} chosen={chosen} onAdopt={(knock) => go({ adopt: knock.id })} onDecide={(knock, decision) => void decide(knock, decision)} />
              ) : state === "waiting" ? <PointHere /> : <Empty icon="inbox" tone="plain" title={t("emptyOther")} />
            }
          </QueryState>
        </Card>
        {one.data && chosen ? <Adopt key={one.data.id} knock={one.data} onClose={() => go({ adopt: undefined })} onDecide={(knock, decision) => void decide(knock, decision)} /> : null}
      </div>
    </>
  );
}

function knockOf(knock: string) {
  return { queryKey: ["inbox", "knock", knock], queryFn: async () => (await api.GET("/api/v1/inbox/knocks/{knock}", { params: { path: { knock } } })).data as Knock, refetchInterval: 5_000 };
}

/** Nobody is there: how to point a charger here. */
function PointHere() {
  const t = useText(text);
  const addresses = useQuery(addressesQuery);
  return (
    <Empty icon="inbox" title={t("empty")}>
      <p>{t("emptyHelp")}</p>
      {(addresses.data ?? []).map((one) => (
        <div key={one.url}>
          <CopyText value={`${one.url}IDENTITY`} />
          <p className={classes["quiet"]}>{t(one.encrypted ? "addressTls" : "addressPlain")}</p>
        </div>
      ))}
      <p className={classes["quiet"]}>{t("identityHint")}</p>
    </Empty>
  );
}
