import type { CommandOut } from "#shared/command/outcome";
import type { Format } from "#shared/format/useFormat";
import type { Words } from "./text";

/** OCPI's connector types and what people call them. */
export const PLUGS: Record<string, string> = {
  IEC_62196_T1: "Type 1", IEC_62196_T2: "Type 2", IEC_62196_T1_COMBO: "CCS 1", IEC_62196_T2_COMBO: "CCS 2", CHADEMO: "CHAdeMO", NACS_DC: "NACS DC", NACS_AC: "NACS AC",
  GBT_AC: "GB/T AC", GBT_DC: "GB/T DC", DOMESTIC_F: "Schuko", DOMESTIC_G: "BS 1363", DOMESTIC_J: "Type 13", IEC_60309_2_three_16: "CEE 16 A", IEC_60309_2_three_32: "CEE 32 A", MCS: "MCS",
};

/** A plug's usual name. */
export function plugName(kind: string | null, t: Words): string {
  if (kind === null) return t("unknownPlug");
  return PLUGS[kind] ?? kind;
}

/** What a connector is called beside its number: its label, else plug and power. */
export function outletName(outlet: { label: string | null; plug: string | null; maxPowerW: number | null }, t: Words, f: Format): string {
  if (outlet.label) return outlet.label;
  const plug = outlet.plug === null ? t("connector") : plugName(outlet.plug, t);
  return outlet.maxPowerW === null ? plug : t("plugPower", { plug, power: f.power(outlet.maxPowerW) });
}

/** What a command is, in a few words. */
export function commandTitle(command: Pick<CommandOut, "kind" | "params">, t: Words): string {
  const params = command.params as Record<string, unknown>;
  const text = (name: string) => (params[name] === undefined || params[name] === null ? "" : String(params[name]));
  const place = text("evse_no") || t("whole");
  switch (command.kind) {
    case "remote-start":
      return t("kRemoteStart", { n: text("evse_no") });
    case "remote-stop":
      return t("kRemoteStop", { n: text("transaction") });
    case "reset":
      return t("kReset");
    case "unlock-connector":
      return t("kUnlock", { n: text("evse_no") });
    case "change-availability":
      return t(params["operative"] === true ? "kAvailable" : "kUnavailable", { n: place });
    case "trigger-message":
      return t("kTrigger", { n: text("message") });
    case "clear-cache":
      return t("kCache");
    case "get-variables":
      return t("kGet");
    case "set-variables": {
      const values = Array.isArray(params["values"]) ? (params["values"] as { variable?: string }[]) : [];
      return t("kSet", { n: values.map((one) => one.variable ?? "").join(", ") });
    }
    case "get-base-report":
      return t("kReport", { n: text("report") });
    case "raw":
      return t("kRaw", { n: text("action") });
    default:
      return command.kind;
  }
}
