// The way to the Telegram app around us, by its documented web events (core.telegram.org/api/web-events):
// what it told us in the part of the address behind the #, what we tell it, what it tells us while we run.

const given = new URLSearchParams(location.hash.slice(1));

const json = (text) => {
  try { return JSON.parse(text) ?? {}; } catch { return {}; }
};

/// What Telegram signed; empty when the app was opened by a key below the chat, or by no Telegram at all.
export const initData = given.get("tgWebAppData") ?? "";
/// Version of the protocol, as [major, minor].
const version = (given.get("tgWebAppVersion") ?? "0.0").split(".").map(Number);
/// Whether a Telegram app is around us.
export const inside = given.has("tgWebAppVersion");

export const atLeast = (major, minor) =>
  version[0] > major || (version[0] === major && (version[1] ?? 0) >= minor);

// The page that shows us in a frame; which pages may is a rule of our server.
const parentOrigin = () => {
  if (location.ancestorOrigins?.length) return location.ancestorOrigins[0];
  try { return new URL(document.referrer).origin; } catch { return "https://web.telegram.org"; }
};

/// Tells the Telegram app something.
export const post = (eventType, eventData = {}) => {
  const { TelegramWebviewProxy: proxy, external } = window;
  if (proxy?.postEvent) proxy.postEvent(eventType, JSON.stringify(eventData));
  else if (external && "notify" in external) external.notify(JSON.stringify({ eventType, eventData }));
  else if (window.parent !== window) window.parent.postMessage(JSON.stringify({ eventType, eventData }), parentOrigin());
};

const listeners = new Map();
/// Calls `work` with each event of this kind.
export const on = (eventType, work) => {
  listeners.set(eventType, [...(listeners.get(eventType) ?? []), work]);
};
const receive = (eventType, eventData) => {
  for (const work of listeners.get(eventType) ?? []) work(eventData ?? {});
};

addEventListener("message", (event) => {
  if (event.source !== window.parent || window.parent === window || typeof event.data !== "string") return;
  const { eventType, eventData } = json(event.data);
  if (typeof eventType === "string") receive(eventType, eventData);
});
// Native apps call one of these.
const view = { receiveEvent: receive };
window.Telegram = { WebView: view };
window.TelegramGameProxy = view;
window.TelegramGameProxy_receiveEvent = receive;

// ---- colours

const COLOURS = ["bg_color", "secondary_bg_color", "section_bg_color", "text_color", "hint_color", "subtitle_text_color",
  "link_color", "accent_text_color", "button_color", "button_text_color", "destructive_text_color", "section_separator_color"];

const isDark = (colour) => {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return r * 0.299 + g * 0.587 + b * 0.114 < 128;
};

const paint = (theme) => {
  const root = document.documentElement;
  for (const name of COLOURS) {
    const colour = theme[name];
    if (typeof colour === "string" && /^#[0-9a-f]{6}$/i.test(colour)) {
      root.style.setProperty("--tg-" + name.replaceAll("_", "-"), colour);
    }
  }
  if (typeof theme.bg_color === "string") root.style.colorScheme = isDark(theme.bg_color) ? "dark" : "light";
};
paint(json(given.get("tgWebAppThemeParams")));
on("theme_changed", ({ theme_params }) => paint(theme_params ?? {}));

// ---- what the app does with it

let goBack;
on("back_button_pressed", () => goBack?.());
/// Shows Telegram's own back button while there is somewhere to go.
export const backButton = (work) => {
  goBack = work;
  if (atLeast(6, 1)) post("web_app_setup_back_button", { is_visible: Boolean(work) });
};

/// Asks before the app is closed while something is not saved.
export const guardClosing = (needed) => {
  if (atLeast(6, 2)) post("web_app_setup_closing_behavior", { need_confirmation: needed });
};

/// A short buzz, where phones can.
export const buzz = (type) => {
  if (atLeast(6, 1)) post("web_app_trigger_haptic_feedback", { type: "notification", notification_type: type });
};

/// Opens a page outside.
export const openLink = (url) => {
  if (inside && atLeast(6, 1)) post("web_app_open_link", { url });
  else window.open(url, "_blank", "noopener");
};

/// Sends data to the bot and closes the app; possible only where a key below the chat opened it. At most 4096 bytes.
export const sendData = (data) => post("web_app_data_send", { data });

/// The app is drawn.
export const ready = () => {
  post("web_app_ready");
  post("web_app_expand");
};
post("iframe_ready", { reload_supported: true });
on("reload_iframe", () => {
  post("iframe_will_reload");
  location.reload();
});
