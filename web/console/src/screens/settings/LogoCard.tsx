import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { api } from "#shared/api/client";
import { Button } from "#shared/button/Button";
import { useText } from "#shared/i18n/i18n";
import { Card, Note } from "#shared/page/Page";
import type { Operator } from "./rows";
import { text } from "./text";
import classes from "./settings.module.css";

const MOST_BYTES = 65_536;

/** The operator's logo; the server keeps its pixels only. */
export function LogoCard({ operator, off, onChanged }: { operator: Operator; off: boolean; onChanged: () => void }) {
  const t = useText(text);
  const input = useRef<HTMLInputElement>(null);
  const put = useMutation({
    mutationFn: async (file: File) => {
      if (file.size > MOST_BYTES) throw new Error("too large");
      return api.PUT("/api/v1/operator/logo", { body: { png_base64: base64(await file.arrayBuffer()) } });
    },
    onSuccess: onChanged,
  });
  const remove = useMutation({ mutationFn: () => api.DELETE("/api/v1/operator/logo"), onSuccess: onChanged });
  return (
    <Card title={t("branding")}>
      <div className={classes["form"]}>
        {put.error ? <Note tone="bad">{t("logoBad")}</Note> : null}
        <div className={classes["logo"]}>
          {operator.logo_sha256 ? <img src={`/api/v1/operator/logo?v=${operator.logo_sha256.slice(0, 12)}`} alt={t("logo")} /> : <span>{t("noLogo")}</span>}
          <p className={classes["quiet"]}>{t("logoHelp")}</p>
        </div>
        {off ? null : (
          <footer>
            <input
              ref={input}
              type="file"
              accept="image/png"
              hidden
              aria-label={t("logo")}
              onChange={(event) => {
                const file = event.currentTarget.files?.[0];
                event.currentTarget.value = "";
                if (file) put.mutate(file);
              }}
            />
            {operator.logo_sha256 ? <Button busy={remove.isPending} onClick={() => remove.mutate()}>{t("removeLogo")}</Button> : null}
            <Button busy={put.isPending} onClick={() => input.current?.click()}>{t("choose")}</Button>
          </footer>
        )}
      </div>
    </Card>
  );
}

function base64(buffer: ArrayBuffer): string {
  return btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""));
}
