import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useMe } from "#shared/api/session";
import { useLocalStorage } from "@mantine/hooks";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { useText } from "#shared/i18n/i18n";
import { useKeys } from "#shared/keys/keys";
import { Note, Page } from "#shared/page/Page";
import { usePhone } from "#shared/theme/useSize";
import { Checks } from "./Checks";
import { DriverCard } from "./DriverCard";
import { sessionOf, USUAL, type Example } from "./example";
import { ExampleCard } from "./ExampleCard";
import { Head } from "./Head";
import { withValue } from "#shared/tariff/model";
import { OcpiDialog } from "./OcpiDialog";
import { Places } from "./Places";
import { PublishDialog } from "./PublishDialog";
import { assignmentsQuery, type Tariff, type Version } from "./queries";
import { Rules } from "./Rules";
import { EditingContext } from "./Slot";
import { Terms } from "./Terms";
import { text } from "./text";
import { useEditor } from "./useEditor";
import { useWeek } from "./usePreview";
import { shadesOfRules } from "./week";
import { CompareDialog, Versions } from "./Versions";
import { WeekCard } from "./WeekCard";
import classes from "./tariff.module.css";

interface EditorViewProps {
  tariff: Tariff;
  version: Version;
  versions: Version[];
  etag: string | null;
  may: boolean;
  onShow: (number: number | undefined) => void;
  onRename: (name: string, etag: string | null) => Promise<void>;
  onDraft: () => Promise<void>;
  onPublish: (at: string | null, etag: string | null) => Promise<void>;
  onWithdraw: () => Promise<void>;
  onDiscard: () => Promise<void>;
}

type Dialog = "publish" | "compare" | "ocpi" | null;

export function EditorView({ tariff, version, versions, etag, may, onShow, onRename, onDraft, onPublish, onWithdraw, onDiscard }: EditorViewProps) {
  const t = useText(text);
  const me = useMe();
  const phone = usePhone();
  const { ask } = useCommands();
  const editable = may && !phone && version.status === "draft";
  const editor = useEditor(version, etag, editable);
  const { document, saving } = editor;
  const zone = me.operator.time_zone;
  const [dialog, setDialog] = useState<Dialog>(null);
  const [menu, setMenu] = useState<"rule" | "term" | null>(null);
  const [power, setPower] = useState("50");
  const [example, setExample] = useLocalStorage<Example>({ key: "forecourt.tariff/example", defaultValue: USUAL, getInitialValueInEffect: false });
  const week = useWeek(document, zone, /^\d+([.,]\d+)?$/.test(power) ? power.replace(",", ".") : "50");
  const session = week.data ? sessionOf(example, week.data.monday, zone) : null;
  const live = versions.find((one) => one.status === "live");
  const others = live && live.number !== version.number ? { number: live.number, document: live.tariff } : null;
  const assignments = useQuery(assignmentsQuery(tariff.id));
  const now = Date.now();
  const places = (assignments.data ?? []).filter((one) => one.valid_to === null || Date.parse(one.valid_to) > now).length;
  const refused = saving.state === "refused" ? { path: saving.path, what: saving.what } : null;
  const editing = useMemo(
    () => ({
      editable,
      refused,
      change: (path: string, value: unknown, about: string) => editor.change(withValue(document, path, value), about || undefined),
      settle: editor.settle,
    }),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [editable, document, saving],
  );
  const publish = async () => {
    if (await editor.flush()) setDialog("publish");
  };
  useKeys({
    "mod+z": editor.undo,
    "mod+y": editor.redo,
    "mod+enter": () => void publish(),
    n: () => setMenu("rule"),
    m: () => setMenu("term"),
  }, editable && dialog === null);
  useKeys({ e: () => void onDraft() }, may && !phone && version.status !== "draft" && !versions.some((one) => one.status === "draft"));

  const discard = async () => {
    const answer = await ask({ title: t("discardTitle", { number: version.number, name: tariff.name }), consequences: [{ text: t("discardNext", { number: version.number }), harms: true }], verb: t("discard"), harms: true });
    if (answer !== null) await onDiscard();
  };
  const mark = session ? { from: Number(example.day) * 24 + Number(example.start.slice(0, 2)) + Number(example.start.slice(3)) / 60, hours: (Number(example.charging.replace(",", ".")) + Number(example.idle.replace(",", "."))) / 60 || 0 } : null;

  return (
    <Page
      crumbs={[{ label: t("tariffs"), to: "/tariffs" }, { label: tariff.name }]}
      head={
        <Head
          tariff={tariff} version={version} versions={versions} saving={saving} may={may && !phone} places={places}
          onRename={(name) => onRename(name, editor.etag())}
          onCompare={() => setDialog("compare")} onOcpi={() => setDialog("ocpi")} onPublish={() => void publish()}
          onDraft={() => void onDraft()} onWithdraw={() => void onWithdraw()} onDiscard={() => void discard()}
          onUndo={editor.history.past.length > 0 ? editor.undo : null} onRedo={editor.history.future.length > 0 ? editor.redo : null}
        />
      }
    >
      {phone ? <Note>{t("readOnlyPhone")}</Note> : null}
      {!may && tariff.archived_at === null ? <Note>{t("readOnlyPermission")}</Note> : null}
      {tariff.archived_at !== null ? <Note>{t("readOnlyRetired")}</Note> : null}
      {saving.state === "conflict" ? (
        <Note tone="warn">
          <span>{t("conflict")} </span>
          <Button size="sm" onClick={() => void editor.resolve("theirs")}>{t("takeTheirs")}</Button>{" "}
          <Button size="sm" onClick={() => void editor.resolve("mine")}>{t("keepMine")}</Button>
        </Note>
      ) : null}
      {refused ? <Note tone="warn">{t("notStored", { why: refused.what })}</Note> : null}
      <Versions versions={versions} shown={version.number} zone={zone} onShow={onShow} />
      <EditingContext value={editing}>
        <div className={classes["columns"]}>
          <div className={classes["column"]}>
            <Rules document={document} before={others?.document} onChange={(next) => editor.change(next)} shades={shadesOfRules(week.data?.week ?? [])} menuOpened={menu === "rule"} onMenu={(opened) => setMenu(opened ? "rule" : null)} />
            <Terms document={document} onChange={(next) => editor.change(next)} menuOpened={menu === "term"} onMenu={(opened) => setMenu(opened ? "term" : null)} />
            <Checks week={week.data} />
            <Places tariff={tariff.id} name={tariff.name} zone={zone} may={may && !phone} />
          </div>
          <div className={classes["column"]}>
            {week.error ? <Note tone="warn">{t("noPreview", { why: String(week.error.params["what"] ?? week.error.detail) })}</Note> : null}
            <WeekCard week={week.data} stale={week.isPlaceholderData} mark={mark} power={power} onPower={setPower} zone={zone} />
            <ExampleCard document={document} before={others} example={example} onExample={setExample} session={session} waiting={week.isPending} />
            <DriverCard document={document} week={week.data} />
          </div>
        </div>
      </EditingContext>
      {dialog === "publish" ? (
        <PublishDialog
          name={tariff.name} number={version.number} document={document} live={live} places={places} zone={zone} onClose={() => setDialog(null)}
          onPublish={async (at) => {
            await onPublish(at, editor.etag());
            setDialog(null);
          }}
        />
      ) : null}
      {dialog === "compare" ? <CompareDialog versions={versions} shown={version.number} present={document} onClose={() => setDialog(null)} /> : null}
      {dialog === "ocpi" ? <OcpiDialog tariff={tariff.id} number={version.number} name={tariff.name} onClose={() => setDialog(null)} /> : null}
    </Page>
  );
}
