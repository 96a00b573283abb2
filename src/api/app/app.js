// The app: which screen is shown, and what happens when something fails.

import { begin, hasSession } from "./api.js";
import { backButton, guardClosing, initData, ready } from "./bridge.js";
import { button, h, icon, toast } from "./dom.js";
import { editor } from "./editor.js";
import { listings, prices } from "./listings.js";
import { plan } from "./plan.js";
import { ofBrowser, speak, t } from "./texts.js";
import { watches } from "./watches.js";

const $ = (id) => document.getElementById(id);
const SCREENS = { watches, editor, listings, prices, plan };
const TABS = [["watches", "tab-watches", "search"], ["listings", "tab-listings", "list"], ["plan", "tab-plan", "card"]];

let trail = [];
let shown = 0;

const words = (refusal) => {
  if (refusal?.status === 0) return t("offline");
  if (refusal?.status === 401) return t("no-session");
  if (refusal?.kind === "barred") return t("barred");
  if (refusal?.status === 422 || ["plan", "unknown"].includes(refusal?.kind)) return refusal.message;
  return t("broken");
};
const fail = (refusal) => toast(words(refusal));

const skeleton = () => [h("div", { class: "skeleton tall" }), h("div", { class: "skeleton" }), h("div", { class: "skeleton" })];

const drawTabs = (name) => {
  const top = trail.length < 2 && hasSession();
  $("tabs").hidden = !top;
  $("tabs").setAttribute("aria-label", t("tabs"));
  $("tabs").replaceChildren(...TABS.map(([to, key, sign]) => h("button", { type: "button",
    "aria-current": to === name ? "page" : undefined, onclick: () => show(to, undefined, { root: true }) }, icon(sign), h("span", {}, t(key)))));
};

const back = () => {
  trail.pop();
  draw();
};

const draw = async () => {
  const [name, about] = trail.at(-1);
  const turn = ++shown;
  const box = $("screen");
  const deep = trail.length > 1;
  backButton(deep ? back : undefined);
  guardClosing(name === "editor");
  drawTabs(name);
  const way = deep ? [button(t("back"), back, { look: "plain way", sign: "back" })] : [];
  box.setAttribute("aria-busy", "true");
  box.dataset.screen = name;
  box.replaceChildren(...way, ...skeleton());
  scrollTo(0, 0);
  let content;
  try {
    content = await SCREENS[name](...(name === "watches" ? [show, fail] : name === "editor" ? [show, about, fail] : [show, about]));
  } catch (refusal) {
    content = [h("div", { class: "empty", role: "alert" }, h("p", {}, words(refusal)),
      button(t("retry"), draw, { look: "soft" }))];
  }
  if (turn !== shown) return;
  box.replaceChildren(...way, ...content.filter(Boolean));
  box.removeAttribute("aria-busy");
  if (deep) box.querySelector("h1")?.focus?.();
};

// Shows a screen: on top of this one, instead of it, or as the only one.
const show = (name, about, { instead, root } = {}) => {
  if (root) trail = [];
  else if (instead) trail.pop();
  trail.push([name, about]);
  return draw();
};

const start = async () => {
  let session;
  try {
    await speak(ofBrowser());
    if (initData) session = await begin();
    if (session && session.language !== document.documentElement.lang) await speak(session.language);
  } catch (refusal) {
    $("screen").replaceChildren(h("div", { class: "empty", role: "alert" }, h("p", {}, words(refusal)),
      button(t("retry"), start, { look: "soft" })));
    $("screen").removeAttribute("aria-busy");
    ready();
    return;
  }
  // Without a session there is nobody whose searches could be shown; what is made goes to the bot as a message.
  await show(session ? "watches" : "editor", undefined, { root: true });
  ready();
};

start();
