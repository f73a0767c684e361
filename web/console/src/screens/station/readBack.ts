/** Setting a variable and reading it back: a change counts when the station says the same. */
import { api, ApiError, data, type Schema } from "#shared/api/client";
import type { CommandOut } from "#shared/command/outcome";
import { sendCommand } from "#shared/command/useCommand";

export type Variable = Schema["VariableOut"];
/** Names a variable as commands do. */
export type VariableName = Pick<Variable, "component" | "variable"> & Partial<Pick<Variable, "component_instance" | "variable_instance" | "evse_no" | "connector_no" | "attribute">>;

export type Outcome =
  | { step: "setting" | "reading" }
  | { step: "equal" | "different"; has: string }
  | { step: "refused" | "unread"; reason: string }
  | { step: "reboot" };

/** How long an answer is waited for, in seconds. */
const WAIT_S = 35;

export function nameOf(variable: VariableName): string {
  return [
    variable.component && `${variable.component}${variable.component_instance ? `(${variable.component_instance})` : ""}`,
    `${variable.variable}${variable.variable_instance ? `(${variable.variable_instance})` : ""}`,
  ].filter(Boolean).join(".");
}

function reference(variable: VariableName) {
  return {
    variable: variable.variable,
    ...(variable.component ? { component: variable.component } : {}),
    ...(variable.component_instance ? { component_instance: variable.component_instance } : {}),
    ...(variable.variable_instance ? { variable_instance: variable.variable_instance } : {}),
    ...(variable.evse_no ? { evse_no: variable.evse_no } : {}),
    ...(variable.connector_no ? { connector_no: variable.connector_no } : {}),
    ...(variable.attribute && variable.attribute !== "Actual" ? { attribute: variable.attribute } : {}),
  };
}

function same(a: VariableName, b: VariableName): boolean {
  return JSON.stringify(reference(a)).toLowerCase() === JSON.stringify(reference(b)).toLowerCase();
}

function done(command: CommandOut): boolean {
  return command.status === "accepted" || command.status === "effective";
}

/** Whether two values mean the same: stations write `True`, `true` and blanks at will. */
export function equal(wish: string, has: string | null): boolean {
  return has !== null && has.trim().toLowerCase() === wish.trim().toLowerCase();
}

/** Sets it, reads it back and compares. `onStep` hears each step; refusals come as an outcome, not as an error. */
export async function setAndReadBack(station: string, variable: VariableName, wish: string, onStep: (outcome: Outcome) => void): Promise<void> {
  try {
    onStep({ step: "setting" });
    const set = await sendCommand(station, "set-variables", { values: [{ ...reference(variable), value: wish }] }, { wait: WAIT_S });
    if (!done(set)) {
      onStep({ step: "refused", reason: set.reason ?? set.status });
      return;
    }
    onStep({ step: "reading" });
    const read = await sendCommand(station, "get-variables", { variables: [reference(variable)] }, { wait: WAIT_S });
    const has = done(read) ? await kept(station, variable) : undefined;
    if (has === undefined) onStep({ step: "unread", reason: read.reason ?? read.status });
    else if (equal(wish, has.value)) onStep({ step: "equal", has: has.value ?? "" });
    else if (JSON.stringify(set.reply).includes("RebootRequired")) onStep({ step: "reboot" });
    else onStep({ step: "different", has: has.value ?? "" });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    onStep({ step: "refused", reason: error.detail });
  }
}

/** The value as it was read last. */
async function kept(station: string, variable: VariableName): Promise<Variable | undefined> {
  const page = await data(api.GET("/api/v1/stations/{station}/variables", { params: { path: { station }, query: { q: variable.variable, limit: 200 } } }));
  return page.items.find((one) => same(one, variable));
}
