/** An exchange as something to run: a request to our API, or a scenario for the simulator. Pure. */
import type { Exchange, Json } from "./exchange";

export interface StationFacts {
  id: string;
  identity: string;
  protocol: string | null;
}

function shell(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** As curl: the same call again if it was ours, else the query that finds it. The key comes from the environment. */
export function curlOf(exchange: Exchange, origin: string): string {
  const key = `-H "Authorization: Bearer $FORECOURT_API_KEY"`;
  if (exchange.direction === "out" && exchange.requestPayload !== undefined) {
    const body = JSON.stringify({ action: exchange.action, payload: exchange.requestPayload });
    return [
      `curl -X POST ${shell(`${origin}/api/v1/stations/${exchange.stationId}/commands/raw?wait=30`)}`,
      key,
      `-H 'Content-Type: application/json'`,
      `-d ${shell(body)}`,
    ].join(" \\\n  ");
  }
  const query = new URLSearchParams({ station: exchange.stationId, correlation: exchange.messageId, exchanges: "true" });
  return [`curl ${shell(`${origin}/api/v1/messages?${query.toString()}`)}`, key].join(" \\\n  ");
}

/** As JSON: both frames with their times. */
export function jsonOf(exchange: Exchange): string {
  const parsed = (text: string | null): unknown => {
    if (text === null) return null;
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  };
  return JSON.stringify(
    {
      id: exchange.id,
      station: exchange.stationId,
      at: exchange.at,
      direction: exchange.direction,
      action: exchange.action,
      request: parsed(exchange.request),
      answered_at: exchange.answerAt,
      answer: parsed(exchange.answer),
      error: exchange.error,
      quirks: exchange.quirks,
    },
    null,
    2,
  );
}

const VERSIONS: Record<string, string> = { "ocpp1.6": "1.6", "ocpp2.0.1": "2.0.1", "ocpp2.1": "2.1" };

/**
 * As a scenario for `forecourt simulate`: a station like this one, and what makes it say the same: a driver with the
 * same token, a fault, a restart. What only we said is sent by the curl command in the last lines.
 */
export function scenarioOf(exchange: Exchange, station: StationFacts, origin: string): string {
  const connector = connectorOf(exchange.requestPayload);
  const lines = [
    `# ${exchange.action} of ${station.identity}, ${exchange.at}`,
    `# Save as scenario.yaml, then: forecourt simulate --scenario scenario.yaml --url ws://HOST:9000/ocpp/OPERATOR`,
    "stations:",
    `  - identity: ${JSON.stringify(station.identity.replaceAll("{", "{{").replaceAll("}", "}}"))}`,
    `    version: "${VERSIONS[station.protocol ?? ""] ?? "1.6"}"`,
    `    connectors: ${connector}`,
    "duration: 1h",
  ];
  const token = tokenOf(exchange.requestPayload);
  const visits = ["Authorize", "StartTransaction", "StopTransaction", "MeterValues", "TransactionEvent"];
  if (visits.includes(exchange.action) && exchange.direction === "in") {
    const tag = JSON.stringify(token ?? "CARD-1");
    lines.push(
      "arrivals:",
      "  visits:",
      `    - {at: 10s, station: ${JSON.stringify(station.identity)}, connector: ${connector}, id_tag: ${tag}, energy_kwh: 10, stay: 30m}`,
    );
  } else if (exchange.action === "BootNotification" && exchange.direction === "in") {
    lines.push("faults:", "  - {kind: reboot, at: 10s}");
  } else if (exchange.action === "StatusNotification" && /"Faulted"/.test(exchange.request)) {
    lines.push("faults:", `  - {kind: ground_fault, at: 10s, connector: ${connector}, for: 5m}`);
  }
  if (exchange.direction === "out") {
    lines.push("# While it runs, send the call:", ...curlOf(exchange, origin).split("\n").map((line) => `#   ${line}`));
  }
  return `${lines.join("\n")}\n`;
}

function field(value: Json | undefined, name: string): Json | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value[name] : undefined;
}

function connectorOf(payload: Json | undefined): number {
  for (const found of [field(payload, "connectorId"), field(payload, "evseId"), field(field(payload, "evse"), "id")]) {
    if (typeof found === "number" && Number.isInteger(found) && found > 0) return found;
  }
  return 1;
}

function tokenOf(payload: Json | undefined): string | null {
  for (const found of [field(payload, "idTag"), field(field(payload, "idToken"), "idToken")]) {
    if (typeof found === "string" && found !== "" && found !== "***") return found;
  }
  return null;
}
