/** The rules of a tariff as sentences; their order decides, so they can be moved: by dragging, or Alt and an arrow key. */
import { Menu } from "@mantine/core";
import { useContext, useState, type DragEvent, type KeyboardEvent } from "react";
import { Button } from "#shared/button/Button";
import { useLanguage, useText, type Language } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { Card } from "#shared/page/Page";
import { conditionsFor, detailsFor, NEW_RULES, pricesFor, type Addition } from "./additions";
import { focusPath } from "./focus";
import { addRule, coveredBy, duplicateRule, fingerprint, moveRule, removeRule, withValue, type Document } from "#shared/tariff/model";
import { plainText, ruleSentence } from "#shared/tariff/sentences";
import { EditingContext, Sentence } from "./Slot";
import { text } from "./text";
import classes from "./tariff.module.css";

interface RulesProps {
  document: Document;
  onChange: (next: Document) => void;
  /** The live version, if it is another one: what a rule was there. */
  before: Document | undefined;
  /** Shade of each rule in the week, by its place. */
  shades: ReadonlyMap<number, number>;
  menuOpened: boolean;
  onMenu: (opened: boolean) => void;
}

export function Rules({ document, before, onChange, shades, menuOpened, onMenu }: RulesProps) {
  const t = useText(text);
  const { editable } = useContext(EditingContext);
  const [dragged, setDragged] = useState<number | null>(null);
  const [said, setSaid] = useState("");
  const move = (from: number, to: number) => {
    if (to < 0 || to >= document.elements.length || from === to) return;
    onChange(moveRule(document, from, to));
    setSaid(t("moved", { from: from + 1, to: to + 1 }));
  };
  return (
    <Card
      title={t("rules")}
      note={t("rulesNote")}
      bare
      actions={
        editable ? (
          <Menu position="bottom-end" opened={menuOpened} onChange={onMenu}>
            <Menu.Target>
              <Button size="sm" icon="plus">{t("addRule")} <kbd>N</kbd></Button>
            </Menu.Target>
            <Menu.Dropdown>
              {NEW_RULES.map((one) => (
                <Menu.Item
                  key={one.key}
                  onClick={() => {
                    const { document: next, at } = addRule(document, one.rule(document));
                    onChange(next);
                    focusPath(`elements.${at}.${one.focus}`);
                  }}
                >
                  {t(one.key)}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        ) : null
      }
    >
      <ol className={classes["rules"]} aria-label={t("rules")}>
        {document.elements.map((_, at) => (
          <RuleItem
            key={at}
            at={at}
            document={document}
            before={before}
            onChange={onChange}
            shade={shades.get(at)}
            onMove={(to) => move(at, to)}
            dragging={dragged !== null}
            onDrag={(start) => setDragged(start ? at : null)}
            onDrop={() => {
              if (dragged !== null) move(dragged, at);
              setDragged(null);
            }}
          />
        ))}
      </ol>
      <p className="fc-hidden" role="status">{said}</p>
    </Card>
  );
}

interface RuleItemProps {
  at: number;
  document: Document;
  before: Document | undefined;
  onChange: (next: Document) => void;
  shade: number | undefined;
  onMove: (to: number) => void;
  dragging: boolean;
  onDrag: (start: boolean) => void;
  onDrop: () => void;
}

function RuleItem({ at, document, before, onChange, shade, onMove, dragging, onDrag, onDrop }: RuleItemProps) {
  const t = useText(text);
  const { language } = useLanguage();
  const { editable } = useContext(EditingContext);
  const [over, setOver] = useState(false);
  const press = (event: KeyboardEvent) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown") || !editable) return;
    event.preventDefault();
    const to = at + (event.key === "ArrowUp" ? -1 : 1);
    const path = (event.target as HTMLElement).dataset["path"];
    if (to < 0 || to >= document.elements.length) return;
    onMove(to);
    focusPath(path?.startsWith("elements.") ? path.replace(`elements.${at}.`, `elements.${to}.`) : `rule-${to}`);
  };
  const drag = editable
    ? {
        onDragOver: (event: DragEvent) => {
          if (!dragging) return;
          event.preventDefault();
          setOver(true);
        },
        onDragLeave: () => setOver(false),
        onDrop: () => {
          setOver(false);
          onDrop();
        },
      }
    : {};
  return (
    <li className={classes["rule"]} data-over={over || undefined} onKeyDown={press} {...drag}>
      {editable ? (
        <button
          type="button"
          className={classes["grip"]}
          draggable
          data-path={`rule-${at}`}
          aria-label={t("moveRule", { number: at + 1 })}
          title={t("moveHelp")}
          onDragStart={() => onDrag(true)}
          onDragEnd={() => onDrag(false)}
        >
          <Icon name="grip" />
        </button>
      ) : <span />}
      <span className={classes["number"]} data-shade={shade}>{at + 1}</span>
      <div><Sentence pieces={ruleSentence(document, at, language)} /></div>
      {editable ? <RuleMenu at={at} document={document} onChange={onChange} onMove={onMove} /> : null}
      <RuleHelp at={at} document={document} before={before} language={language} />
    </li>
  );
}

/** What the order makes of the rule, and what it was in the live version. */
function RuleHelp({ at, document, before, language }: { at: number; document: Document; before: Document | undefined; language: Language }) {
  const t = useText(text);
  const rule = document.elements[at];
  if (rule === undefined) return null;
  const covered = rule.prices.map((price) => coveredBy(document, at, price.dimension));
  const never = covered.find((by) => by !== null);
  const old = before?.elements.findIndex((one) => fingerprint(one.when) === fingerprint(rule.when)) ?? -1;
  const was = before === undefined || old < 0 || fingerprint(before.elements[old]) === fingerprint(rule) ? null : plainText(ruleSentence(before, old, language));
  const help = rule.when === undefined ? t(at === document.elements.length - 1 ? "baseLast" : "base") : null;
  const dead = never != null && covered.every((by) => by !== null);
  if (!dead && help === null && was === null) return null;
  return (
    <p className={classes["help"]} data-tone={dead ? "warn" : undefined}>
      {was === null ? null : <span className={classes["was"]}>{t("was", { sentence: was })}</span>}
      {dead ? <><Icon name="warn" size={12} /> {t("never", { number: never + 1 })}</> : help}
    </p>
  );
}

function RuleMenu({ at, document, onChange, onMove }: { at: number; document: Document; onChange: (next: Document) => void; onMove: (to: number) => void }) {
  const t = useText(text);
  const rule = document.elements[at];
  if (rule === undefined) return null;
  const add = (one: Addition) => {
    onChange(one.make(document));
    focusPath(one.focus);
  };
  const item = (one: Addition, index: number) => <Menu.Item key={`${one.key}${index}`} onClick={() => add(one)}>{t(one.key)}</Menu.Item>;
  const today = new Date().toISOString().slice(0, 10);
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button kind="quiet" size="sm" icon="more" aria-label={t("ruleMenu", { number: at + 1 })} />
      </Menu.Target>
      <Menu.Dropdown className={classes["longMenu"] ?? ""}>
        <Menu.Label>{t("alsoPrice")}</Menu.Label>
        {pricesFor(document, at).map(item)}
        <Menu.Label>{t("onlyIf")}</Menu.Label>
        {conditionsFor(document, at, today).map(item)}
        <Menu.Label>{t("thisRule")}</Menu.Label>
        {detailsFor(document, at).map(item)}
        <Menu.Item disabled={at === 0} onClick={() => onMove(at - 1)}>{t("moveUp")}</Menu.Item>
        <Menu.Item disabled={at === document.elements.length - 1} onClick={() => onMove(at + 1)}>{t("moveDown")}</Menu.Item>
        <Menu.Item onClick={() => onChange(duplicateRule(document, at))}>{t("duplicateRule")}</Menu.Item>
        {rule.prices.length > 1
          ? rule.prices.map((price, index) => (
              <Menu.Item key={price.dimension} onClick={() => onChange(withValue(document, `elements.${at}.prices`, rule.prices.toSpliced(index, 1)))}>
                {t("removePrice", { what: t(`price_${price.dimension}`) })}
              </Menu.Item>
            ))
          : null}
        <Menu.Item color="red" disabled={document.elements.length === 1} onClick={() => onChange(removeRule(document, at))}>{t("removeRule")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
