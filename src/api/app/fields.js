// Parts of a form. Each has a node and a way to read what stands in it.

import { h } from "./dom.js";
import { t } from "./texts.js";

let serial = 0;
const newId = () => "field-" + ++serial;

/// A titled part of the form.
export const group = (title, field, ...content) =>
  h("fieldset", { class: "card", "data-field": field }, h("legend", {}, title), ...content);

/// A line of text with its label.
export const text = (label, value, { hint = "", field, type = "text", most = 1000, mode } = {}) => {
  const id = newId();
  const input = h("input", { id, type, value: value ?? "", placeholder: hint, maxLength: most, autocomplete: "off",
    inputmode: mode, enterkeyhint: "done", dir: type === "url" ? "ltr" : "auto" });
  return { node: h("div", { class: "field", "data-field": field }, h("label", { htmlFor: id }, label), input), input };
};

const amount = (label, value, hint) => h("input", { type: "number", min: 0, step: "any", inputmode: "decimal",
  "aria-label": `${label}: ${hint}`, placeholder: hint, value: value ?? "" });

const numberOf = (input) => (input.value.trim() === "" ? undefined : Number(input.value));

/// A lowest and a highest number; `unit` stands behind them.
export const span = (label, { min, max }, unit = "") => {
  const [low, high] = [amount(label, min, t("from")), amount(label, max, t("to"))];
  const after = h("span", { class: "unit" }, unit);
  return {
    node: h("div", { class: "span" }, low, h("span", { "aria-hidden": "true" }, "–"), high, after),
    unit: (text) => { after.textContent = text; },
    fill: (range) => {
      if (!low.value && range.min !== undefined) low.value = range.min;
      if (!high.value && range.max !== undefined) high.value = range.max;
    },
    read: () => ({ min: numberOf(low), max: numberOf(high) }),
  };
};

/// A box to tick.
export const tick = (label, checked, look = "tick") => {
  const input = h("input", { type: "checkbox", checked: Boolean(checked) });
  return { node: h("label", { class: look }, input, h("span", { dir: "auto" }, label)), input };
};

/// One of several.
export const select = (label, options, value, field) => {
  const id = newId();
  const input = h("select", { id }, ...options.map(([key, words]) => h("option", { value: key, selected: key === value }, words)));
  return { node: h("div", { class: "field line", "data-field": field }, h("label", { htmlFor: id }, label), input), input };
};

/// Several parts of which one is shown.
export const parts = (label, options, value, changed) => {
  const node = h("div", { class: "parts", role: "group", "aria-label": label });
  const choose = (key) => {
    node.dataset.value = key;
    for (const one of node.children) one.setAttribute("aria-pressed", String(one.dataset.key === key));
    changed(key);
  };
  node.append(...options.map(([key, words]) => h("button", { type: "button", class: "part", "data-key": key,
    onclick: () => choose(key) }, words)));
  choose(value);
  return { node, read: () => node.dataset.value };
};

/// Words between commas.
export const wordsOf = (text) => text.split(/[,;\n]/).map((word) => word.trim()).filter(Boolean);

/// Marks what is wrong in a form; what no part of it says is given back.
export const mark = (form, problems) => {
  for (const fault of form.querySelectorAll(".fault")) fault.remove();
  for (const node of form.querySelectorAll("[data-wrong]")) node.removeAttribute("data-wrong");
  const rest = [];
  for (const { field, detail } of problems) {
    const known = [...form.querySelectorAll("[data-field]")].filter((node) =>
      node.dataset.field.split(" ").some((name) => field === name || field.startsWith(name + ".")));
    const node = known.sort((a, b) => b.dataset.field.length - a.dataset.field.length)[0];
    if (!node) {
      rest.push(detail);
      continue;
    }
    node.dataset.wrong = "";
    node.append(h("p", { class: "fault", role: "alert", dir: "auto" }, detail));
  }
  return rest;
};
