import { useMutation } from "@tanstack/react-query";
import { useRef, useState, type DragEvent } from "react";
import { ApiError } from "#shared/api/client";
import { useMay } from "#shared/api/session";
import { Button, DownloadLink } from "#shared/button/Button";
import { Segments } from "#shared/button/Segments";
import { useText } from "#shared/i18n/i18n";
import { Card, Note } from "#shared/page/Page";
import { KINDS, upload, type KindName, type Run } from "./api";
import { useWords } from "./useWords";
import { text } from "./text";
import classes from "./imports.module.css";

interface UploadProps {
  kind: KindName;
  onKind: (kind: KindName) => void;
  onDone: (run: Run) => void;
}

/** Takes a file by drag and drop, or from the file dialog. */
export function Upload({ kind, onKind, onDone }: UploadProps) {
  const t = useText(text);
  const may = useMay();
  const words = useWords();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const sending = useMutation({ mutationFn: (file: File) => upload(kind, file), onSuccess: onDone });
  const needed = ["imports:write", `${kind}:write`].find((permission) => !may(permission));

  const take = (file: File | undefined) => {
    if (file && !needed && !sending.isPending) sending.mutate(file);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  return (
    <Card>
      <div className={classes["top"]}>
        <Segments label={t("what")} value={kind} onChange={(next) => onKind(next as KindName)} options={KINDS.map((name) => ({ value: name, label: t(name) }))} />
        <span className={classes["space"]} />
        <DownloadLink href={`/api/v1/import-kinds/${kind}/template`}>{t("template")}</DownloadLink>
      </div>
      <div
        className={classes["drop"]}
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <div className={classes["line"]}>
          <span>{sending.isPending ? t("reading", { name: sending.variables.name }) : t("drop")}</span>
          <Button kind="primary" icon="plus" busy={sending.isPending} disabled={needed !== undefined} onClick={() => input.current?.click()}>{t("choose")}</Button>
        </div>
        <p>{needed ? t("notAllowed", { permission: needed }) : t("dropHelp")}</p>
        <input
          ref={input}
          type="file"
          accept=".csv,.txt,text/csv"
          aria-label={t("choose")}
          hidden
          onChange={(event) => {
            take(event.currentTarget.files?.[0]);
            event.currentTarget.value = "";
          }}
        />
      </div>
      {sending.error ? <div className={classes["actions"]}><Note tone="bad">{refusal(sending.error, words)}</Note></div> : null}
    </Card>
  );
}

function refusal(error: Error, words: ReturnType<typeof useWords>): string {
  if (!(error instanceof ApiError)) return error.message;
  if (error.status === 413) return words.of("too_large");
  return words.of(String(error.params["reason"] ?? error.code), error.params as Record<string, string | number>, error.detail);
}
