import { Drawer } from "@mantine/core";
import type { ReactNode } from "react";
import { useText } from "#shared/i18n/i18n";
import { OperatorMenu } from "./OperatorMenu";
import { SchemeMenu } from "./SchemeMenu";
import { text } from "./text";
import classes from "./Shell.module.css";

/** What does not fit into the phone's bottom bar. */
export function More({ onClose, onHelp, children }: { onClose: () => void; onHelp: () => void; children: ReactNode }) {
  const t = useText(text);
  return (
    <Drawer opened onClose={onClose} position="bottom" size="auto" title={t("more")} closeButtonProps={{ "aria-label": t("close") }}>
      <div className={classes["drawer"]}>
        {children}
        <div className={classes["drawerFoot"]}>
          <OperatorMenu onHelp={onHelp} />
          <SchemeMenu />
        </div>
      </div>
    </Drawer>
  );
}
