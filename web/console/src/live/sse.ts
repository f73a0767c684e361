/** Server-sent events, read from a fetch: unlike EventSource it takes every event name and shows the status code. */

export interface Frame {
  event: string;
  data: string;
  /** `id` as last sent on the stream, for `Last-Event-ID`. */
  id: string | null;
}

/** Turns text as it comes into frames. Comments end up nowhere; a bare `id:` moves the position. */
export class SseParser {
  private rest = "";
  private id: string | null = null;
  private event = "";
  private lines: string[] = [];

  /** The id of the last event, also of one without data. */
  get lastId(): string | null {
    return this.id;
  }

  push(chunk: string): Frame[] {
    const frames: Frame[] = [];
    const text = this.rest + chunk;
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (this.lines.length > 0) frames.push({ event: this.event || "message", data: this.lines.join("\n"), id: this.id });
        this.event = "";
        this.lines = [];
        continue;
      }
      if (line.startsWith(":")) continue;
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "event") this.event = value;
      else if (field === "data") this.lines.push(value);
      else if (field === "id") this.id = value;
    }
    return frames;
  }
}
