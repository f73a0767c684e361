/** What can be done to the whole station, with the questions that come first. */
import { useFormat } from "#shared/format/useFormat";
import { useCommands } from "#shared/command/CommandsProvider";
import type { Question } from "#shared/command/ConfirmDialog";
import { useText } from "#shared/i18n/i18n";
import type { Outlet, Station } from "./queries";
import { text } from "./text";
import { useSend } from "./useSend";

export function useActions(station: Station, outlets: readonly Outlet[]) {
  const t = useText(text);
  const f = useFormat();
  const { ask } = useCommands();
  const send = useSend(station.id);
  const name = station.identity;
  const running = outlets.filter((one) => one.session !== null);

  const resetQuestion: Question = {
    title: t("resetTitle", { name }),
    consequences: [
      ...running.map((one) => ({
        text: t("resetSession", { name: one.name, energy: f.energy(one.session?.energy_wh, 2), price: f.money(one.session?.cost_after_taxes, one.session?.currency) }),
        harms: true,
      })),
      ...(running.length === 0 ? [{ text: t("resetIdle") }] : []),
      { text: t("resetAway") },
    ],
    options: [
      { value: "soft", label: t("soft"), help: t("softHelp") },
      { value: "hard", label: t("hard"), help: t("hardHelp"), harms: true },
    ],
    verb: t("resetVerb"),
    reason: true,
  };
  const availability = async (operative: boolean) => {
    if (operative) {
      await send.command("change-availability", { operative: true }, t("operativeOf", { name }));
      return;
    }
    const answer = await ask({
      title: t("inoperativeTitle", { name }),
      consequences: [{ text: t("outKeeps") }, { text: t("outNone"), harms: true }],
      verb: t("outVerb"),
      harms: true,
      reason: true,
    });
    if (answer) await send.command("change-availability", { operative: false }, t("inoperativeOf", { name }), answer.reason);
  };
  return {
    send,
    resetQuestion,
    reset: async () => {
      const answer = await ask(resetQuestion);
      if (answer) await send.command("reset", { type: answer.option }, t("resetOf", { name }), answer.reason);
    },
    availability,
    clearCache: () => send.command("clear-cache", {}, t("clearCacheOf", { name })),
  };
}
