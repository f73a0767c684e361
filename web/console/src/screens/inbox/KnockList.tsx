import { Menu } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useMay } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { Tag } from "#shared/page/Page";
import { saidOf, type Knock } from "./knocks";
import { text } from "./text";
import classes from "./inbox.module.css";

interface KnockListProps {
  knocks: readonly Knock[];
  chosen: string | null;
  onAdopt: (knock: Knock) => void;
  onDecide: (knock: Knock, decision: "refuse" | "block" | "reopen") => void;
}

/** Who knocks: what it is, where from, how often. */
export function KnockList({ knocks, chosen, onAdopt, onDecide }: KnockListProps) {
  const t = useText(text);
  const f = useFormat();
  const now = useNow();
  const may = useMay()("inbox:write");
  return (
    <ul>
      {knocks.map((one) => {
        const said = saidOf(one);
        const model = [said.vendor, said.model].filter(Boolean).join(" ");
        return (
          <li key={one.id} className={classes["knock"]} data-chosen={one.id === chosen || undefined}>
            <span className={classes["sign"]}><Icon name="station" size={20} /></span>
            <div className={classes["who"]}>
              <p className={classes["line"]}>
                <b className="fc-mono">{one.identity}</b>
                {one.state === "waiting" ? (one.station_id ? <Tag tone="accent">{t("inside")}</Tag> : null) : <Tag tone={one.state === "blocked" ? "bad" : one.state === "adopted" ? "ok" : undefined}>{t(one.state as "refused" | "blocked" | "adopted")}</Tag>}
              </p>
              <p>
                {model || t("noBoot")}
                {said.serial ? <> · <span className="fc-mono">{said.serial}</span></> : null} · {said.protocols.length > 0 ? t("protocols", { protocols: said.protocols.join(", ") }) : t("noProtocol")}
                {said.hasPassword === null ? null : ` · ${t(said.hasPassword ? "passwordSent" : "passwordNone")}`}
              </p>
              <p className={classes["quiet"]}>
                {one.remote_address ? t("from", { address: one.remote_address }) : t("unknownAddress")} · {t("knocks", { count: one.count })}, {t("first", { age: f.age(one.first_at, now) })}, {t("last", { age: f.age(one.last_at, now) })}
                {one.decided_at ? ` · ${t("decided", { time: f.time(one.decided_at, "dateTime"), name: one.decided_by ?? "?" })}` : ""}
              </p>
            </div>
            <div className={classes["actions"]}>
              {one.state === "waiting" || one.state === "refused" ? <Button size="sm" disabled={!may} aria-label={`${t("adopt")} ${one.identity}`} onClick={() => onAdopt(one)}>{t("adopt")}</Button> : null}
              {one.state === "adopted" && one.station_id ? <Link className="fc-link" to={`/stations/${one.station_id}`}>{t("toStation")}</Link> : null}
              {one.state === "adopted" ? null : (
                <Menu position="bottom-end">
                  <Menu.Target><Button size="sm" kind="quiet" icon="more" disabled={!may} aria-label={t("actionsOf", { name: one.identity })} /></Menu.Target>
                  <Menu.Dropdown>
                    {one.state === "waiting" ? <Menu.Item onClick={() => onDecide(one, "refuse")}>{t("refuse")}</Menu.Item> : <Menu.Item onClick={() => onDecide(one, "reopen")}>{t("reopen")}</Menu.Item>}
                    {one.state === "blocked" ? null : <Menu.Item onClick={() => onDecide(one, "block")}>{t("block")}…</Menu.Item>}
                  </Menu.Dropdown>
                </Menu>
              )}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
