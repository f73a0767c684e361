/** A version as an OCPI Tariff object, to copy or save, and what OCPI cannot say of it. */
import { Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "#shared/api/client";
import { Button } from "#shared/button/Button";
import { Segments } from "#shared/button/Segments";
import { useText } from "#shared/i18n/i18n";
import { Note } from "#shared/page/Page";
import { QueryState } from "#shared/page/States";
import { text } from "./text";
import classes from "./tariff.module.css";

const OCPI = ["2.3.0", "2.2.1", "2.1.1"] as const;

export function OcpiDialog({ tariff, number, name, onClose }: { tariff: string; number: number; name: string; onClose: () => void }) {
  const t = useText(text);
  const [version, setVersion] = useState<(typeof OCPI)[number]>("2.3.0");
  const query = useQuery({
    queryKey: ["tariffs", tariff, "ocpi", number, version],
    queryFn: () => data(api.GET("/api/v1/tariffs/{tariff}/versions/{number}/ocpi", { params: { path: { tariff, number }, query: { version } } })),
  });
  const save = (json: string) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([json], { type: "application/json" }));
    link.download = `${name.replace(/[^\w-]+/g, "-").toLowerCase()}-v${number}-ocpi-${version}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <Modal opened onClose={onClose} title={t("ocpiTitle", { number })} size={640} closeButtonProps={{ "aria-label": t("close") }}>
      <div className={classes["dialog"]}>
        <Segments label={t("ocpiVersion")} value={version} onChange={(value) => setVersion(value as typeof version)} options={OCPI.map((one) => ({ value: one, label: one }))} />
        <QueryState query={query} what={t("title")}>
          {(found) => {
            const json = JSON.stringify(found.tariff, null, 2);
            return (
              <>
                {found.lossy.length > 0 ? <Note tone="warn">{t("ocpiLossy", { list: found.lossy.join(", ") })}</Note> : null}
                <pre className={classes["json"]} tabIndex={0} aria-label={t("ocpiTitle", { number })}>{json}</pre>
                <footer>
                  <Button onClick={onClose}>{t("close")}</Button>
                  <Button kind="primary" icon="export" onClick={() => save(json)}>{t("ocpiSave")}</Button>
                </footer>
              </>
            );
          }}
        </QueryState>
      </div>
    </Modal>
  );
}
