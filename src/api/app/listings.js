// Listings that one keeps or was told of, and the price of one over time.

import { ask } from "./api.js";
import { openLink } from "./bridge.js";
import { chart } from "./chart.js";
import { button, h, icon } from "./dom.js";
import { number, t } from "./texts.js";

const details = (listing) => [
  listing.place,
  listing.rooms && t("rooms-count", { count: number(listing.rooms) }),
  listing.area && t("area-count", { count: number(listing.area) }),
].filter(Boolean).join(" · ");

/// One listing as a row that opens its prices.
export const row = (listing, show) => h("li", {},
  h("button", { type: "button", class: "row", onclick: () => show("prices", listing) },
    h("span", { class: "words" },
      h("b", { dir: "auto" }, listing.title),
      h("small", { dir: "auto" }, details(listing))),
    h("span", { class: "price" }, listing.gone ? t("gone") : listing.price ?? ""),
    icon("next")));

const part = (chosen, show) => {
  const one = (name, text) => h("button", { type: "button", class: "part", "aria-pressed": String(name === chosen),
    onclick: () => name !== chosen && show("listings", name, { instead: true }) }, text);
  return h("div", { class: "parts", role: "group", "aria-label": t("listings") },
    one("saved", t("listings-saved")), one("told", t("listings-told")));
};

export const listings = async (show, name = "saved") => {
  const found = await ask("GET", "/" + name);
  const none = name === "saved" ? t("listings-saved-none") : t("listings-told-none");
  const body = found.listings.length
    ? h("ul", { class: "card rows" }, ...found.listings.map((listing) => row(listing, show)))
    : h("p", { class: "empty" }, none);
  return [h("h1", {}, t("listings")), part(name, show), body];
};

export const prices = async (show, listing) => {
  const path = `/listings/${encodeURIComponent(listing.site)}/${encodeURIComponent(listing.id)}/prices`;
  const found = await ask("GET", path);
  const { listing: now } = found;
  return [
    h("h1", { dir: "auto" }, now.title),
    h("p", { class: "hint", dir: "auto" }, [now.gone && t("gone"), now.price, details(now)].filter(Boolean).join(" · ")),
    h("section", { class: "card" }, h("h2", {}, t("prices")),
      found.points.length ? chart(found.points, found.now) : h("p", { class: "empty" }, t("prices-none"))),
    now.url && button(t("open"), () => openLink(now.url), { look: "main" }),
  ];
};
