/** Lines of a JSON text as it stands, token by token: literals stay as the station wrote them. Pure. */

export type TokenKind = "key" | "string" | "number" | "word" | "mark";

export interface Token {
  text: string;
  kind: TokenKind;
  /** JSONPath from the frame's own root, `$[3].status`. */
  path: string;
}

export interface Line {
  depth: number;
  tokens: Token[];
}

const LITERAL = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const BLANK = /\s*/y;
/** Lists and objects that fit stay on one line. */
const FITS = 60;

/** Lines of the text, or null if it is not JSON. */
export function jsonLines(text: string): Line[] | null {
  const reader = new Reader(text);
  const value = reader.value("$");
  reader.blank();
  if (value === null || reader.at < text.length) return null;
  const lines: Line[] = [{ depth: 0, tokens: [] }];
  write(value, 0, lines);
  return lines;
}

type Node =
  | { kind: "leaf"; token: Token }
  | { kind: "list"; path: string; open: string; close: string; members: { key: Token | null; value: Node }[] };

class Reader {
  at = 0;
  constructor(private readonly text: string) {}

  blank(): void {
    BLANK.lastIndex = this.at;
    BLANK.exec(this.text);
    this.at = BLANK.lastIndex;
  }

  private take(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) return null;
    this.at = pattern.lastIndex;
    return found[0];
  }

  value(path: string): Node | null {
    this.blank();
    const start = this.text[this.at];
    if (start === "{" || start === "[") return this.members(path, start);
    const string = this.take(STRING);
    if (string !== null) return { kind: "leaf", token: { text: string, kind: "string", path } };
    const literal = this.take(LITERAL);
    if (literal === null) return null;
    return { kind: "leaf", token: { text: literal, kind: /[\d]/.test(literal) ? "number" : "word", path } };
  }

  private members(path: string, open: string): Node | null {
    const close = open === "{" ? "}" : "]";
    const members: { key: Token | null; value: Node }[] = [];
    this.at += 1;
    for (;;) {
      this.blank();
      if (this.text[this.at] === close && members.length === 0) break;
      let key: Token | null = null;
      let here = `${path}[${members.length}]`;
      if (open === "{") {
        const name = this.take(STRING);
        this.blank();
        if (name === null || this.text[this.at] !== ":") return null;
        this.at += 1;
        here = `${path}.${name.slice(1, -1)}`;
        key = { text: name, kind: "key", path: here };
      }
      const value = this.value(here);
      if (value === null) return null;
      members.push({ key, value });
      this.blank();
      if (this.text[this.at] === close) break;
      if (this.text[this.at] !== ",") return null;
      this.at += 1;
    }
    this.at += 1;
    return { kind: "list", path, open, close, members };
  }
}

function width(node: Node): number {
  if (node.kind === "leaf") return node.token.text.length;
  return node.members.reduce((sum, { key, value }) => sum + width(value) + 2 + (key ? key.text.length + 2 : 0), 2);
}

function write(node: Node, depth: number, lines: Line[]): void {
  const line = lines.at(-1) as Line;
  if (node.kind === "leaf") {
    line.tokens.push(node.token);
    return;
  }
  const mark = (text: string): Token => ({ text, kind: "mark", path: node.path });
  const flat = depth > 0 && width(node) <= FITS;
  line.tokens.push(mark(node.open));
  node.members.forEach(({ key, value }, index) => {
    if (!flat) lines.push({ depth: depth + 1, tokens: [] });
    const into = lines.at(-1) as Line;
    if (key) into.tokens.push(key, mark(": "));
    write(value, depth + 1, lines);
    if (index < node.members.length - 1) (lines.at(-1) as Line).tokens.push(mark(flat ? ", " : ","));
  });
  if (!flat && node.members.length > 0) lines.push({ depth, tokens: [] });
  (lines.at(-1) as Line).tokens.push(mark(node.close));
}
