import { useEntryText } from "./words";
import classes from "./Entry.module.css";

/** What an authenticator app needs: the code to scan, and the key to type. */
export function AppEnrolment({ svg, secret }: { svg: string; secret: string }) {
  const { t } = useEntryText();
  return (
    <>
      <p className={classes["lead"]}>{t("scan")}</p>
      <img className={classes["qr"]} src={`data:image/svg+xml,${encodeURIComponent(svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" '))}`} alt={t("scan")} />
      <p className={classes["small"]}>
        {t("cannotScan")}
        <code className={classes["key"]} data-testid="totp-key">{secret.replace(/(.{4})(?=.)/g, "$1 ")}</code>
      </p>
    </>
  );
}
