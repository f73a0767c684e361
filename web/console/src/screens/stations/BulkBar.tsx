import { useCommandsOff } from "#shared/command/CommandButton";
import { useCommands } from "#shared/command/CommandsProvider";
import { toneOf, TONE_ICON, secondsTaken } from "#shared/command/outcome";
import { useOutcomeWords } from "#shared/command/useOutcomeWords";
import { Button } from "#shared/button/Button";
import { useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { Tag } from "#shared/page/Page";
import type { Selection } from "#shared/table/useSelection";
import { tally, useBulk, type BulkOrder, type BulkOutcome, type BulkRun } from "./bulk";
import { saveOutcomes } from "./saveOutcomes";
import type { StationRow } from "./rows";
import { text } from "./text";
import classes from "./stations.module.css";

/** Beyond so many stations their number has to be typed. */
const TYPE_ABOVE = 20;

/** What can be done to the selected stations; then what became of it at each. */
export function BulkBar({ selection }: { selection: Selection<StationRow> }) {
  const t = useText(text);
  const { ask } = useCommands();
  const bulk = useBulk();
  const off = useCommandsOff();
  const stations = [...selection.rows.values()];
  const count = stations.length;
  const sessions = stations.reduce((sum, station) => sum + station.open_sessions, 0);
  const offline = stations.filter((station) => station.link !== "online").length;

  const common = { reason: true, ...(count > TYPE_ABOVE ? { typeNumber: count } : {}) };
  const unreached = offline > 0 ? [{ text: t("unreached", { count: offline }), harms: true }] : [];
  const reset = async () => {
    const title = t("resetTitle", { count });
    const answer = await ask({
      title,
      consequences: [{ text: sessions > 0 ? t("ends", { count: sessions }) : t("none"), harms: sessions > 0 }, { text: t("away") }, ...unreached],
      options: [
        { value: "soft", label: t("soft"), help: t("softHelp") },
        { value: "hard", label: t("hard"), help: t("hardHelp"), harms: true },
      ],
      verb: t("resetVerb"),
      ...common,
    });
    if (answer) await bulk.start({ title, kind: "reset", params: { type: answer.option }, reason: answer.reason }, stations);
  };
  const availability = async () => {
    const title = t("availabilityTitle", { count });
    const answer = await ask({
      title,
      consequences: [{ text: sessions > 0 ? t("running", { count: sessions }) : t("none") }, ...unreached],
      options: [
        { value: "operative", label: t("operative"), help: t("operativeHelp") },
        { value: "inoperative", label: t("inoperative"), help: t("inoperativeHelp"), harms: true },
      ],
      verb: t("apply"),
      ...common,
    });
    if (answer) await bulk.start({ title, kind: "change-availability", params: { operative: answer.option === "operative" }, reason: answer.reason }, stations);
  };
  const trigger: BulkOrder = { title: t("triggerTitle", { count }), kind: "trigger-message", params: { message: "StatusNotification" } };

  return (
    <section className={classes["bulk"]} aria-label={t("selected", { count })}>
      <div className={classes["bulkHead"]}>
        <b>{t("selected", { count })}</b>
        <button type="button" className={classes["clear"]} onClick={selection.clear}>{t("clear")}</button>
        <Button size="sm" icon="power" disabled={off !== null} title={off ?? undefined} onClick={() => void reset()}>{t("reset")}</Button>
        <Button size="sm" disabled={off !== null} title={off ?? undefined} onClick={() => void availability()}>{t("availability")}</Button>
        <Button size="sm" disabled={off !== null} title={off ?? undefined} onClick={() => void bulk.start(trigger, stations)}>{t("trigger")}</Button>
        <span className={classes["space"]} />
        <span className={classes["quiet"]}>{sessions > 0 ? t("running", { count: sessions }) : t("none")}</span>
      </div>
      {bulk.order ? <Outcomes order={bulk.order} bulk={bulk} /> : null}
    </section>
  );
}

function Outcomes({ order, bulk }: { order: BulkOrder; bulk: BulkRun }) {
  const t = useText(text);
  const words = useOutcomeWords();
  const f = useFormat();
  const now = useNow();
  const sum = tally(bulk.outcomes);
  const line = (outcome: BulkOutcome) =>
    outcome.error ? words.ofError(outcome.error) : outcome.command ? words.of(outcome.command, now, f) : t("toSend");
  return (
    <>
      <div className={classes["bulkSum"]} role="status">
        <b>{order.title}</b>
        {sum.effective > 0 ? <Tag tone="ok">{t("effective", { count: sum.effective })}</Tag> : null}
        {sum.accepted > 0 ? <Tag tone="accent">{t("accepted", { count: sum.accepted })}</Tag> : null}
        {sum.waiting > 0 ? <Tag>{t("waiting", { count: sum.waiting })}</Tag> : null}
        {sum.failed.length > 0 ? <Tag tone="bad">{t("failed", { count: sum.failed.length })}</Tag> : null}
        <span className={classes["space"]} />
        {sum.failed.length > 0 && !bulk.running ? (
          <Button size="sm" onClick={() => void bulk.start(order, sum.failed.map((outcome) => outcome.station))}>
            {t("retry", { count: sum.failed.length })}
          </Button>
        ) : null}
        <Button size="sm" kind="quiet" icon="export" onClick={() => saveOutcomes(order, bulk.outcomes, line)}>{t("csv")}</Button>
        <Button size="sm" kind="quiet" icon="close" aria-label={t("close")} onClick={bulk.close} />
      </div>
      <ul className={classes["outcomes"]}>
        {bulk.outcomes.map((outcome) => {
          const tone = outcome.error ? "bad" : toneOf(outcome.command?.status ?? "pending");
          const taken = outcome.command ? secondsTaken(outcome.command) : null;
          return (
            <li key={outcome.station.id} data-tone={tone}>
              <Icon name={TONE_ICON[tone]} size={14} />
              <span>
                <b className="fc-mono">{outcome.station.identity}</b>
                <small>{line(outcome)}</small>
              </span>
              <time>{taken === null ? "" : f.duration(taken)}</time>
            </li>
          );
        })}
      </ul>
    </>
  );
}
