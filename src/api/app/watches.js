// One's searches: their state, and what can be done to each.

import { ask } from "./api.js";
import { buzz } from "./bridge.js";
import { button, choose, h, toast } from "./dom.js";
import { moment, t } from "./texts.js";

const HOUR = 3600;

const state = (watch) => {
  if (watch.paused) {
    const word = { plan: t("state-plan"), operator: t("state-operator") }[watch.paused_by] ?? t("state-rests");
    return h("span", { class: "state rests" }, word);
  }
  if (watch.muted_until) {
    const word = watch.muted_forever ? t("state-muted-ever") : t("state-muted", { date: moment(watch.muted_until) });
    return h("span", { class: "state muted" }, word);
  }
  return h("span", { class: "state runs" }, t("state-runs"));
};

const howLong = async (watch) => {
  const { name } = watch;
  return choose(t("mute-ask", { name }), [
    [t("mute-hour"), HOUR], [t("mute-day"), 24 * HOUR], [t("mute-week"), 168 * HOUR], [t("mute-ever"), null],
  ], t("cancel"));
};

const card = (watch, show, fail) => {
  const node = h("article", { class: "card watch", "data-watch": watch.id });
  const doing = (work) => async () => {
    node.setAttribute("aria-busy", "true");
    try { await work(); } catch (refusal) { fail(refusal); } finally { node.removeAttribute("aria-busy"); }
  };
  const put = (changed) => node.replaceWith(card(changed, show, fail));
  const order = (what, body) => doing(async () => put(await ask("POST", `/watches/${watch.id}/${what}`, body)));
  const mute = async () => {
    const seconds = await howLong(watch);
    if (seconds !== undefined) await order("mute", { for_s: seconds })();
  };
  const remove = async () => {
    const yes = await choose(t("delete-ask", { name: watch.name }), [[t("delete"), true, "danger"]], t("cancel"));
    if (!yes) return;
    await doing(async () => {
      await ask("DELETE", `/watches/${watch.id}`);
      buzz("success");
      toast(t("deleted"));
      show("watches", undefined, { instead: true });
    })();
  };
  const look = { look: "small" };
  node.append(
    h("div", { class: "head" }, h("h2", { dir: "auto" }, watch.name), state(watch)),
    h("p", { class: "summary", dir: "auto" }, watch.summary),
    h("p", { class: "hint", dir: "auto" }, watch.sources.map((source) => source.title).join(" · ")),
    watch.elsewhere ? h("p", { class: "hint" }, t("elsewhere")) : "",
    h("div", { class: "actions" },
      button(t("edit"), () => show("editor", watch), { ...look, sign: "edit" }),
      watch.paused ? button(t("resume"), order("resume"), { ...look, sign: "play" })
        : button(t("pause"), order("pause"), { ...look, sign: "pause" }),
      watch.muted_until ? button(t("unmute"), order("mute", { for_s: 0 }), { ...look, sign: "sound" })
        : button(t("mute"), mute, { ...look, sign: "mute" }),
      button(t("delete"), remove, { look: "small danger", sign: "bin" })));
  return node;
};

export const watches = async (show, fail) => {
  const { watches: all } = await ask("GET", "/watches");
  const fresh = button(t("new"), () => show("editor"), { look: "main", sign: "plus" });
  if (!all.length) return [h("h1", {}, t("watches")), h("p", { class: "empty" }, t("watches-none")), fresh];
  return [h("h1", {}, t("watches")), fresh, ...all.map((watch) => card(watch, show, fail))];
};
