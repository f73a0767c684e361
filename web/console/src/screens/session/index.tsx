/** Session: why this price? Trace lines beside the curve, a cause for each change, evidence last. */
import { useNavigate, useParams } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { Span } from "#shared/chart/gaps";
import { useText } from "#shared/i18n/i18n";
import { useKeys } from "#shared/keys/keys";
import { Page } from "#shared/page/Page";
import { QueryState } from "#shared/page/States";
import { CurveCard } from "./CurveCard";
import { Evidence } from "./Evidence";
import { Figures, Head } from "./Head";
import { priceChanges } from "./price";
import type { Row } from "./queries";
import { Records } from "./Records";
import { Story } from "./Story";
import { storyOf } from "./story";
import { text } from "./text";
import { useSession, type SessionQueries } from "./useSession";
import { WhyPrice } from "./WhyPrice";
import { Who } from "./Who";
import classes from "./session.module.css";

export function Screen() {
  const t = useText(text);
  const { session: id = "" } = useParams({ strict: false }) as { session?: string };
  const queries = useSession(id);
  const navigate = useNavigate();
  useKeys({ Escape: () => void navigate({ to: "/sessions" }) });
  const row = queries.row.data;
  const name = row?.station ? `${row.station}${row.evse_no === null ? "" : ` · ${row.evse_no}`}` : id.slice(-8).toUpperCase();
  return (
    <Page crumbs={[{ label: t("sessions"), to: "/sessions" }, { label: name }]}>
      <QueryState query={queries.row} what={t("what")}>{(loaded) => <Content key={loaded.id} row={loaded} queries={queries} />}</QueryState>
    </Page>
  );
}

function Content({ row, queries }: { row: Row; queries: SessionQueries }) {
  const t = useText(text);
  const [highlight, setHighlight] = useState<Span | null>(null);
  const price = queries.price.data?.price;
  const timeline = queries.timeline.data;
  const entries = useMemo(
    () =>
      timeline
        ? storyOf({ facts: timeline.facts, changes: price ? priceChanges(price) : [], gaps: queries.curve.data?.gaps ?? [], settledAt: row.settled_at, settledRevision: row.settled_revision })
        : [],
    [timeline, price, queries.curve.data, row.settled_at, row.settled_revision],
  );
  return (
    <>
      <Head row={row} price={queries.price.data} />
      <Figures row={row} price={queries.price.data} curve={queries.curve.data} stretches={timeline?.stretches} />
      <div className={classes["grid"]}>
        <div className={classes["column"]}>
          <CurveCard row={row} query={queries.curve} price={price} highlight={highlight} />
          <QueryState query={queries.timeline} what={t("story")}>{() => <Story row={row} entries={entries} />}</QueryState>
        </div>
        <div className={classes["column"]}>
          <div className={classes["why"]}><WhyPrice row={row} query={queries.price} onPoint={setHighlight} /></div>
          <Evidence row={row} session={queries.session.data} facts={timeline?.facts ?? []} />
          <Records row={row} />
          <Who row={row} session={queries.session.data} />
        </div>
      </div>
    </>
  );
}
