/** The versions of a tariff from old to new; one is shown, two can be compared. */
import { Modal } from "@mantine/core";
import { useState } from "react";
import { SelectField } from "#shared/form/fields";
import { useFormat } from "#shared/format/useFormat";
import { useLanguage, useText } from "#shared/i18n/i18n";
import { compareLines } from "./diff";
import type { Document } from "#shared/tariff/model";
import type { Version } from "./queries";
import { allSentences } from "#shared/tariff/sentences";
import { text, type TextKey } from "./text";
import classes from "./tariff.module.css";

interface VersionsProps {
  versions: readonly Version[];
  shown: number;
  zone: string;
  onShow: (number: number) => void;
}

/** At most so many stand in the strip; older ones are in the comparison. */
const STRIP = 5;

export function Versions({ versions, shown, zone, onShow }: VersionsProps) {
  const t = useText(text);
  const f = useFormat();
  const since = (version: Version) => {
    if (version.status === "live") return t("liveSince", { time: f.time(version.published_at, "dateTime", zone) });
    if (version.status === "scheduled") return t("from", { time: f.time(version.published_at, "full", zone) });
    if (version.status === "retired") return t("until", { time: f.time(version.retired_at, "dateTime", zone) });
    return t("notPublished");
  };
  return (
    <section className={classes["versions"]} aria-label={t("versions")}>
      <h2>{t("versions")}</h2>
      <ol>
        {[...versions].slice(0, STRIP).reverse().map((version) => (
          <li key={version.number} data-status={version.status}>
            <button type="button" aria-pressed={version.number === shown} onClick={() => onShow(version.number)}>
              <b>v{version.number} {t(`status_${version.status}` as TextKey)}</b> <small>{since(version)}</small>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** What changed between two versions, in words. */
export function Changes({ before, after }: { before: Document; after: Document }) {
  const t = useText(text);
  const { language } = useLanguage();
  const [old, next] = [allSentences(before, language), allSentences(after, language)];
  const rules = compareLines(old.rules, next.rules);
  const terms = compareLines(old.terms, next.terms).filter((line) => line.kind !== "same");
  const lines = rules.every((line) => line.kind === "same") ? terms : [...rules, ...terms];
  if (lines.length === 0) return <p className={classes["help"]}>{t("noChanges")}</p>;
  return (
    <ul className={classes["changes"]} aria-label={t("changes")}>
      {lines.map((line, index) => (
        <li key={index} data-kind={line.kind}>
          {line.kind === "same" ? null : <span className="fc-hidden">{t(line.kind === "new" ? "isNew" : "isGone")}: </span>}
          {line.text}
        </li>
      ))}
    </ul>
  );
}

/** `present` is the document under the editor, which may be ahead of its stored version. */
export function CompareDialog({ versions, shown, present, onClose }: { versions: readonly Version[]; shown: number; present: Document; onClose: () => void }) {
  const t = useText(text);
  const [before, setBefore] = useState(String(versions.find((one) => one.number < shown)?.number ?? versions.at(-1)?.number ?? shown));
  const [after, setAfter] = useState(String(shown));
  const document = (number: string) => (number === String(shown) ? present : versions.find((one) => String(one.number) === number)?.tariff) ?? present;
  const options = versions.map((one) => ({ value: String(one.number), label: `v${one.number} ${t(`status_${one.status}` as TextKey)}` }));
  return (
    <Modal opened onClose={onClose} title={t("compareTitle")} size={720} closeButtonProps={{ "aria-label": t("close") }}>
      <div className={classes["pair"]}>
        <SelectField label={t("compareOld")} value={before} onChange={setBefore} options={options} />
        <SelectField label={t("compareNew")} value={after} onChange={setAfter} options={options} />
      </div>
      <Changes before={document(before)} after={document(after)} />
    </Modal>
  );
}
