import { queryOptions } from "@tanstack/react-query";
import { api, data, withEtag, type Schema } from "#shared/api/client";

export type Operator = Schema["OperatorOut"];
export type Passkey = Schema["PasskeyOut"];
export type WebSession = Schema["WebSessionOut"];

export const secondFactorQuery = queryOptions({ queryKey: ["second-factor"], queryFn: () => data(api.GET("/api/v1/me/second-factor")) });
export const sessionsQuery = queryOptions({ queryKey: ["web-sessions"], queryFn: () => data(api.GET("/api/v1/me/sessions")), staleTime: 0 });
export const operatorQuery = queryOptions({ queryKey: ["operator"], queryFn: () => withEtag(api.GET("/api/v1/operator")) });

/** A browser and its system as people call them, from what it says of itself. */
export function browserName(userAgent: string | null): string {
  if (!userAgent) return "?";
  const browser = (
    [["Edg/", "Edge"], ["OPR/", "Opera"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]] as const
  ).find(([mark]) => userAgent.includes(mark))?.[1];
  const system = (
    [["iPhone", "iPhone"], ["iPad", "iPad"], ["Android", "Android"], ["Windows", "Windows"], ["Mac OS", "macOS"], ["Linux", "Linux"]] as const
  ).find(([mark]) => userAgent.includes(mark))?.[1];
  return [browser ?? userAgent.slice(0, 40), system].filter(Boolean).join(", ");
}

/** The operator's form: everything as it is typed. */
export interface OperatorDraft {
  name: string;
  legalName: string;
  country: string;
  currency: string;
  zone: string;
  languages: string[];
  phone: string;
  mail: string;
  party: string;
  timeout: string;
  oneSession: boolean;
  required: boolean;
  hours: string;
  minutes: string;
}

export function draftOf(operator: Operator): OperatorDraft {
  const { settings, security } = operator;
  return {
    name: operator.name, legalName: operator.legal_name ?? "", country: operator.country ?? "", currency: operator.currency, zone: operator.time_zone,
    languages: operator.languages, phone: operator.support_phone ?? "", mail: operator.support_email ?? "",
    party: String(settings["party_id"] ?? ""), timeout: String(settings["connection_timeout_s"] ?? ""), oneSession: settings["one_session_per_token"] === true,
    required: security.second_factor_required, hours: String(security.session_lifetime_hours), minutes: String(security.session_idle_minutes),
  };
}

export type Fault = "missing" | "badCountry" | "badCurrency" | "badMail" | "badParty" | "badTimeout" | "badHours" | "badMinutes";

const whole = (typed: string, min: number, max: number) => /^\d+$/.test(typed.trim()) && Number(typed) >= min && Number(typed) <= max;

/** What cannot be saved, by field. */
export function operatorFaults(draft: OperatorDraft): Partial<Record<keyof OperatorDraft, Fault>> {
  return {
    ...(draft.name.trim() === "" ? { name: "missing" as const } : {}),
    ...(draft.country !== "" && !/^[A-Z]{2}$/.test(draft.country) ? { country: "badCountry" as const } : {}),
    ...(/^[A-Z]{3}$/.test(draft.currency) ? {} : { currency: "badCurrency" as const }),
    ...(draft.mail !== "" && !/^[^@\s]+@[^@\s]+$/.test(draft.mail) ? { mail: "badMail" as const } : {}),
    ...(draft.party !== "" && !/^[A-Z0-9]{3}$/.test(draft.party) ? { party: "badParty" as const } : {}),
    ...(draft.timeout !== "" && !whole(draft.timeout, 10, 3600) ? { timeout: "badTimeout" as const } : {}),
    ...(whole(draft.hours, 1, 2160) ? {} : { hours: "badHours" as const }),
    ...(whole(draft.minutes, 5, 43_200) ? {} : { minutes: "badMinutes" as const }),
  };
}

/** What differs from the operator as it is, in the API's form. */
export function operatorPatch(draft: OperatorDraft, operator: Operator): Schema["OperatorPatch"] {
  const was = draftOf(operator);
  const changed = (key: keyof OperatorDraft) => JSON.stringify(draft[key]) !== JSON.stringify(was[key]);
  const settings = {
    ...(changed("party") ? { party_id: draft.party || null } : {}),
    ...(changed("timeout") ? { connection_timeout_s: draft.timeout === "" ? null : Number(draft.timeout) } : {}),
    ...(changed("oneSession") ? { one_session_per_token: draft.oneSession ? true : null } : {}),
  };
  const security = {
    ...(changed("required") ? { second_factor_required: draft.required } : {}),
    ...(changed("hours") ? { session_lifetime_hours: Number(draft.hours) } : {}),
    ...(changed("minutes") ? { session_idle_minutes: Number(draft.minutes) } : {}),
  };
  return {
    ...(changed("name") ? { name: draft.name.trim() } : {}),
    ...(changed("legalName") ? { legal_name: draft.legalName.trim() || null } : {}),
    ...(changed("country") ? { country: draft.country || null } : {}),
    ...(changed("currency") ? { currency: draft.currency } : {}),
    ...(changed("zone") ? { time_zone: draft.zone } : {}),
    ...(changed("languages") ? { languages: draft.languages as ("en" | "de")[] } : {}),
    ...(changed("phone") ? { support_phone: draft.phone.trim() || null } : {}),
    ...(changed("mail") ? { support_email: draft.mail.trim() || null } : {}),
    ...(Object.keys(settings).length > 0 ? { settings } : {}),
    ...(Object.keys(security).length > 0 ? { security } : {}),
  };
}
