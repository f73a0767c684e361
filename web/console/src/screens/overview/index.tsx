/** Overview: what is wrong, and what do I press? */
import { useQuery } from "@tanstack/react-query";
import { useLiveRefetch } from "#console/live/Live";
import { useMay } from "#shared/api/session";
import { useText } from "#shared/i18n/i18n";
import { Page } from "#shared/page/Page";
import { Refused } from "#shared/page/States";
import { usePhone } from "#shared/theme/useSize";
import { Attention } from "./Attention";
import { attentionQuery, daysQuery, overviewQuery } from "./data";
import { LiveFeed } from "./LiveFeed";
import { Network } from "./Network";
import { text } from "./text";
import { Tiles } from "./Tiles";
import classes from "./overview.module.css";

const NETWORK = ["connector.*", "station.*", "location.*", "session.*"];
const TROUBLE = ["connector.status_changed", "station.*", "session.*", "incident.*", "finding.*", "orphan.*"];

export function Screen() {
  const t = useText(text);
  const may = useMay();
  const phone = usePhone();
  const stations = may("stations:read");
  const overview = useQuery({ ...overviewQuery, enabled: stations });
  const days = useQuery({ ...daysQuery, enabled: may("sessions:read") });
  const attention = useQuery(attentionQuery);
  useLiveRefetch(NETWORK, overviewQuery.queryKey);
  useLiveRefetch(TROUBLE, attentionQuery.queryKey);
  if (!stations) return <Page crumbs={[{ label: t("title") }]}><Refused what={t("title")} permission="stations:read" /></Page>;
  return (
    <Page crumbs={[{ label: t("title") }]} fill={!phone}>
      <Tiles overview={overview} days={days} />
      <div className={classes["grid"]}>
        <Attention query={attention} />
        <div className={classes["side"]}>
          <Network query={overview} />
          {may("events:read") && !phone ? <LiveFeed /> : null}
        </div>
      </div>
    </Page>
  );
}
