import { Tooltip } from "@mantine/core";
import { useMe } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { useLink } from "../live/Live";
import { text } from "./text";
import classes from "./Shell.module.css";

/** After so long without a stream the loss is shown; shorter ones heal unseen. */
export const SHOW_LOSS_MS = 5_000;

/** Whether live data has been away long enough to say so; commands are off then. */
export function useLost(): boolean {
  const link = useLink();
  const now = useNow();
  return link.state === "lost" && now - link.since >= SHOW_LOSS_MS;
}

/** "Live" in the top bar. */
export function LinkSign() {
  const t = useText(text);
  const f = useFormat();
  const link = useLink();
  const now = useNow();
  const lost = useLost();
  const state = lost ? "lost" : link.state === "lost" ? "connecting" : link.state;
  return (
    <Tooltip label={link.lastAt === null ? t(state) : t("lastEvent", { age: f.age(new Date(link.lastAt), now) })}>
      <span className={classes["sign"]} data-state={state} role="status">
        <i />
        {t(state)}
      </span>
    </Tooltip>
  );
}

/** The amber bar while live data is away: since when, when the next try is, and a way to try now. */
export function LinkBar() {
  const t = useText(text);
  const f = useFormat();
  const link = useLink();
  const now = useNow();
  if (!useLost()) return null;
  return (
    <div className={classes["lost"]} role="alert">
      <Icon name="wifi" />
      <span>
        <b>{t("lostSince", { time: f.time(new Date(link.lastAt ?? link.since), "seconds") })}</b>{" "}
        {link.retryAt !== null && link.retryAt > now ? t("lostNext", { wait: f.duration((link.retryAt - now) / 1000) }) : null}
      </span>
      <Button size="sm" onClick={link.retry}>{t("now")}</Button>
    </div>
  );
}

/** The operator's time. */
export function Clock() {
  const f = useFormat();
  const me = useMe();
  const now = useNow();
  return <span className={classes["clock"]}>{f.time(new Date(now), "full", me.operator.time_zone)}</span>;
}
