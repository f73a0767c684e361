import { useQuery } from "@tanstack/react-query";
import { useText } from "#shared/i18n/i18n";
import { Card } from "#shared/page/Page";
import { QueryState } from "#shared/page/States";
import { ROLES, rolesQuery, verbsOf } from "./rows";
import { text, type Word } from "./text";
import classes from "./people.module.css";

const VERBS: Record<string, Word> = { read: "mayRead", write: "mayWrite", command: "mayCommand" };

/** What each role may do, as the API holds it. */
export function RolesTab() {
  const t = useText(text);
  const query = useQuery(rolesQuery);
  return (
    <QueryState query={query} what={t("roles")}>
      {(roles) => {
        const columns = [...ROLES.map((role) => ({ role, permissions: roles.roles[role] ?? [] }))];
        const cell = (permissions: readonly string[], noun: string) => {
          const verbs = verbsOf(permissions, noun);
          return <td key={noun} data-level={verbs.length}>{verbs.length === 0 ? t("mayNothing") : verbs.map((verb) => t(VERBS[verb] as Word)).join(", ")}</td>;
        };
        return (
          <Card title={t("roles")} note={t("matrixHelp")} bare>
            <div className={classes["scroll"]} tabIndex={0} role="group" aria-label={t("roles")}>
              <table className={classes["matrix"]}>
                <thead>
                  <tr>
                    <th scope="col">{t("area")}</th>
                    {columns.map(({ role }) => <th key={role} scope="col">{t(`role_${role}`)}<small>{t(`does_${role}`)}</small></th>)}
                    <th scope="col">{t("ceiling")}</th>
                  </tr>
                </thead>
                <tbody>
                  {roles.nouns.map((noun) => (
                    <tr key={noun}>
                      <th scope="row">{nounWord(t, noun)}</th>
                      {columns.map(({ role, permissions }) => <Cells key={role}>{cell(permissions, noun)}</Cells>)}
                      {cell(roles.partner_ceiling, noun)}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </Card>
        );
      }}
    </QueryState>
  );
}

function Cells({ children }: { children: React.ReactNode }) {
  return <>{children}</>;
}

/** The area's word, or its name where it is younger than these words. */
export function nounWord(t: (key: Word) => string, noun: string): string {
  const key = `noun_${noun}`;
  return key in text.en ? t(key as Word) : noun;
}
