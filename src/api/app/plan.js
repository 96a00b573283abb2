// What the plan allows and what is used of it.

import { ask } from "./api.js";
import { h } from "./dom.js";
import { date, number, t } from "./texts.js";

const used = (label, has, limit) => {
  const words = limit ? t("plan-used", { has, limit }) : t("plan-unlimited", { has });
  const bar = limit && h("progress", { max: limit, value: Math.min(has, limit), "aria-label": label });
  return h("div", { class: "used" }, h("div", { class: "pair" }, h("span", {}, label), h("b", {}, words)), bar);
};

const fact = (label, value) => h("div", { class: "pair" }, h("span", {}, label), h("b", {}, value));

export const plan = async () => {
  const me = await ask("GET", "/me");
  const { terms } = me;
  const facts = [];
  if (terms.interval_s) facts.push(fact(t("plan-interval"), t("plan-minutes", { count: number(terms.interval_s / 60) })));
  if (terms.alerts_per_day) facts.push(fact(t("plan-alerts"), number(terms.alerts_per_day)));
  if (terms.history_days) facts.push(fact(t("plan-history"), t("plan-days", { count: terms.history_days })));
  const balance = me.balance.length && h("section", { class: "card" },
    ...me.balance.map((one) => fact(t("balance"), one.text)));
  const held = me.plan.held.map((one) => fact(one.name ?? one.id, t("plan-until", { date: date(one.until) })));
  return [
    h("h1", {}, t("plan")),
    h("section", { class: "card" },
      me.plan.paid ? held : h("p", { class: "lead" }, t("plan-free")),
      used(t("plan-watches"), me.used.watches, me.limits.watches),
      used(t("plan-sources"), me.used.sources, me.limits.sources),
      ...facts),
    balance,
    h("p", { class: "hint" }, t("plan-more")),
  ];
};
