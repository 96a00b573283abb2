// A Mini App beside the conversation: a frame, and the events between it and us.

import { element } from "/_sandbox/message.js";

const $ = (id) => document.getElementById(id);
let open = null;

const origin = () => new URL(open.url).origin;
const tell = (eventType, eventData = {}) =>
  $("webapp-frame").contentWindow?.postMessage(JSON.stringify({ eventType, eventData }), origin());

const isDark = () => (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

export const close = () => {
  if (!open) return;
  open = null;
  $("webapp-frame").remove();
  $("webapp").hidden = true;
};

// What apps tell us (core.telegram.org/api/web-events); what is not here changes nothing on this page.
const events = {
  web_app_close: close,
  web_app_setup_back_button: ({ is_visible }) => { $("webapp-back").hidden = !is_visible; },
  web_app_setup_closing_behavior: ({ need_confirmation }) => { open.asks = Boolean(need_confirmation); },
  web_app_request_theme: () => tell("theme_changed", { theme_params: open.theme[open.dark ? "dark" : "light"] }),
  web_app_request_viewport: () => tell("viewport_changed", { height: $("webapp-frame").clientHeight, is_state_stable: true, is_expanded: true }),
  web_app_open_link: ({ url }) => { if (/^https?:/.test(url)) window.open(url, "_blank", "noopener"); },
  web_app_data_send: ({ data }) => {
    const { sends_data: sends, button, send } = open;
    if (!sends || typeof data !== "string") return;
    close();
    send({ data, button_text: button });
  },
};

addEventListener("message", (event) => {
  if (!open || event.source !== $("webapp-frame")?.contentWindow || event.origin !== origin()) return;
  let said;
  try { said = JSON.parse(event.data); } catch { return; }
  events[said.eventType]?.(said.eventData ?? {});
});

/// Shows an app; `send` carries its data to the bot.
export const show = (app, dark, send) => {
  close();
  open = { ...app, dark, send };
  $("webapp-title").textContent = app.title;
  $("webapp-back").hidden = true;
  const frame = element("iframe");
  frame.id = "webapp-frame";
  frame.title = app.title;
  frame.referrerPolicy = "origin";
  frame.src = app.url;
  $("webapp").append(frame);
  $("webapp").hidden = false;
};

export { isDark };

$("webapp-back").addEventListener("click", () => tell("back_button_pressed"));
$("webapp-theme").addEventListener("click", () => {
  open.dark = !open.dark;
  events.web_app_request_theme();
});
$("webapp-close").addEventListener("click", () => {
  if (!open?.asks || confirm("Changes that are not saved will be lost. Close?")) close();
});
