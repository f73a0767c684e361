import { describe, expect, it } from "vitest";
import { Connection, waitBefore } from "./connection";
import { wants, type LinkStatus, type Notice } from "./events";
import { patchRow, staleKeys } from "./patch";
import { SseParser } from "./sse";

describe("SseParser", () => {
  it("finds the same frames however the text is cut", () => {
    const text = 'retry: 2000\n\nid: 7\nevent: session.started\ndata: {"a":1}\n\n: keep-alive\nid: 9\n\nevent: x\ndata: one\ndata: two\n\n';
    const whole = new SseParser().push(text);
    const parser = new SseParser();
    const pieces = [...text].flatMap((letter) => parser.push(letter));
    expect(pieces).toEqual(whole);
    expect(whole).toEqual([
      { event: "session.started", data: '{"a":1}', id: "7" },
      { event: "x", data: "one\ntwo", id: "9" },
    ]);
    expect(parser.lastId).toBe("9");
  });
});

describe("wants", () => {
  it("takes a name, all of a noun, or all", () => {
    expect(wants(["session.*"], "session.updated")).toBe(true);
    expect(wants(["session.*"], "sessions.updated")).toBe(false);
    expect(wants(["station.booted"], "station.added")).toBe(false);
    expect(wants(["*"], "anything")).toBe(true);
  });
});

describe("staleKeys", () => {
  it("touches nothing for a live value", () => {
    expect(staleKeys({ type: "session.updated", subject_id: "ses_1", revision: 2, data: {} })).toEqual([]);
  });
  it("touches the lists that a fact is about", () => {
    const fact = { subject_id: "x", revision: 1, data: {}, position: 5 };
    expect(staleKeys({ ...fact, type: "connector.status_changed" })).toContain("stations");
    expect(staleKeys({ ...fact, type: "station.knocked" })).toContain("inbox");
  });
});

describe("patchRow", () => {
  const page = { items: [{ id: "a", n: 1 }, { id: "b", n: 2 }], next_cursor: "c" };
  it("changes one row and keeps the others as they are", () => {
    const patched = patchRow(page, (row) => row.id === "b", (row) => ({ ...row, n: 3 }));
    expect(patched?.items[1]).toEqual({ id: "b", n: 3 });
    expect(patched?.items[0]).toBe(page.items[0]);
  });
  it("is the same object where nothing changed", () => {
    expect(patchRow(page, (row) => row.id === "z", (row) => ({ ...row, n: 3 }))).toBe(page);
    expect(patchRow(page, (row) => row.id === "a", (row) => row)).toBe(page);
  });
});

describe("Connection", () => {
  it("waits longer after each failure, and never longer than half a minute", () => {
    expect(waitBefore(1, 1)).toBe(1000);
    expect(waitBefore(3, 1)).toBe(4000);
    expect(waitBefore(20, 1)).toBe(30_000);
    expect(waitBefore(20, 0)).toBe(15_000);
  });

  it("resumes after what it has, tells of the gap, and stops when the session ends", async () => {
    const asked: (string | null)[] = [];
    const answers = [
      'id: 5\nevent: ready\ndata: {"position":5}\n\nid: 6\nevent: session.started\ndata: {"type":"session.started","position":6}\n\n',
      'event: ready\ndata: {"position":6}\n\nevent: closed\ndata: {"code":"SessionExpired"}\n\n',
    ];
    const notices: Notice[] = [];
    const states: LinkStatus["state"][] = [];
    const connection: Connection = new Connection(
      (notice) => notices.push(notice),
      (status) => {
        states.push(status.state);
        if (status.state === "lost") queueMicrotask(() => connection.retry());
      },
      null,
      {
        fetch: (_url, init) => {
          asked.push(new Headers(init.headers).get("Last-Event-ID"));
          return Promise.resolve(new Response(answers.shift()));
        },
        now: () => 0,
        random: () => 0,
      },
    );
    await connection.run();
    expect(asked).toEqual([null, "6"]);
    expect(notices.map((notice) => notice.kind)).toEqual(["event", "gap", "ended"]);
    expect(states).toEqual(["connecting", "live", "lost", "live"]);
  });
});
