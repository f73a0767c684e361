import { Menu } from "@mantine/core";
import { useState } from "react";
import { Button } from "#shared/button/Button";
import { TextField } from "#shared/form/fields";
import { useNow } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Tag } from "#shared/page/Page";
import type { Tariff, Version } from "./queries";
import { text, type TextKey } from "./text";
import type { Saving } from "./useEditor";
import classes from "./tariff.module.css";

interface HeadProps {
  tariff: Tariff;
  version: Version;
  versions: readonly Version[];
  saving: Saving;
  may: boolean;
  places: number;
  onRename: (name: string) => Promise<void>;
  onCompare: () => void;
  onOcpi: () => void;
  onPublish: () => void;
  onDraft: () => void;
  onWithdraw: () => void;
  onDiscard: () => void;
  onUndo: (() => void) | null;
  onRedo: (() => void) | null;
}

const TONES: Record<string, "ok" | "accent" | undefined> = { live: "ok", draft: "accent", scheduled: "accent" };

/** Name, which version it is and whether it is stored; and what can be done with it. */
export function Head(props: HeadProps) {
  const { tariff, version, versions, saving, may } = props;
  const t = useText(text);
  const [renaming, setRenaming] = useState<string | null>(null);
  const drafted = versions.some((one) => one.status === "draft");
  return (
    <div className={classes["head"]}>
      {renaming === null ? <p className={classes["name"]}>{tariff.name}</p> : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (renaming.trim()) void props.onRename(renaming.trim());
            setRenaming(null);
          }}
        >
          <TextField label={t("name")} value={renaming} onChange={setRenaming} maxLength={200} autoFocus onBlur={() => setRenaming(null)} />
        </form>
      )}
      <Tag tone={TONES[version.status]}>{t("versionState", { number: version.number, state: t(`status_${version.status}` as TextKey) })}</Tag>
      {may && version.status === "draft" ? <SavingSign saving={saving} /> : null}
      <span className={classes["space"]} />
      {may && version.status === "draft" ? (
        <>
          <Button kind="quiet" onClick={props.onUndo ?? undefined} disabled={!props.onUndo}>{t("undo")}</Button>
          <Button kind="quiet" onClick={props.onRedo ?? undefined} disabled={!props.onRedo}>{t("redo")}</Button>
        </>
      ) : null}
      {versions.length > 1 ? <Button onClick={props.onCompare}>{t("compare")}</Button> : null}
      <Menu position="bottom-end">
        <Menu.Target><Button icon="more" aria-label={t("moreActions")} /></Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={props.onOcpi}>{t("ocpi")}</Menu.Item>
          {may ? <Menu.Item onClick={() => setRenaming(tariff.name)}>{t("rename")}</Menu.Item> : null}
          {may && version.status === "draft" && versions.length > 1 ? <Menu.Item color="red" onClick={props.onDiscard}>{t("discardMenu")}</Menu.Item> : null}
        </Menu.Dropdown>
      </Menu>
      {may && version.status === "scheduled" && !drafted ? <Button onClick={props.onWithdraw}>{t("withdraw")}</Button> : null}
      {may && version.status !== "draft" && !drafted ? <Button kind="primary" onClick={props.onDraft}>{t("newDraft")} <kbd>E</kbd></Button> : null}
      {may && version.status === "draft" ? <Button kind="primary" onClick={props.onPublish}>{t("publishMenu")}</Button> : null}
    </div>
  );
}

function SavingSign({ saving }: { saving: Saving }) {
  const t = useText(text);
  const f = useFormat();
  const now = useNow();
  const words =
    saving.state === "saved" ? (saving.at === null ? t("allStored") : t("storedAgo", { age: f.age(new Date(saving.at), now) }))
    : saving.state === "failed" ? t("notStoredNow")
    : saving.state === "refused" ? t("notStoredYet")
    : saving.state === "conflict" ? t("notStoredConflict")
    : t("storing");
  const bad = saving.state === "failed" || saving.state === "refused" || saving.state === "conflict";
  return <span className={classes["saving"]} data-bad={bad || undefined} role="status">{words}</span>;
}
