import { useClipboard } from "@mantine/hooks";
import { Button } from "#shared/button/Button";
import { useEntryText } from "./words";
import classes from "./Entry.module.css";

/** Recovery codes, shown once: to copy, to save, and a button that says that they are kept. */
export function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const { t } = useEntryText();
  const clipboard = useClipboard({ timeout: 1500 });
  const plain = codes.join("\n");
  return (
    <div className={classes["stack"]}>
      <p>{t("codesWhy")}</p>
      <ul className={classes["codes"]}>
        {codes.map((code) => <li key={code}>{code}</li>)}
      </ul>
      <div className={classes["row"]}>
        <Button icon={clipboard.copied ? "check" : "copy"} onClick={() => clipboard.copy(plain)}>{clipboard.copied ? t("copied") : t("copyAll")}</Button>
        <Button icon="down" onClick={() => save(plain)}>{t("download")}</Button>
      </div>
      <Button kind="primary" className={classes["submit"]} onClick={onKept}>{t("codesKept")}</Button>
    </div>
  );
}

function save(plain: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${plain}\n`], { type: "text/plain" }));
  link.download = "forecourt-recovery-codes.txt";
  link.click();
  URL.revokeObjectURL(link.href);
}
