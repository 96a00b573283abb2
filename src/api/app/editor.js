// A search is made or changed here. What the form does not show of a filter stays as it is.

import { ask, hasSession, newKey } from "./api.js";
import { buzz, sendData } from "./bridge.js";
import { button, h, toast } from "./dom.js";
import { group, mark, parts, select, span, text, tick, wordsOf } from "./fields.js";
import { row } from "./listings.js";
import { map } from "./map.js";
import { number, t, weekday } from "./texts.js";

const CHANGES = ["new", "price_down", "price_up", "back", "edited", "gone", "reserved"];
const SHOWN = ["min_price", "max_price", "currency", "all_words", "any_words", "none_words", "place", "seller",
  "with_photo", "must_know", "changes", "ranges"];
/// Most bytes of data that the bot can be sent (api "WebAppData").
const MOST_DATA = 4096;
/// Radius of the slider: 0.5 to 100 km, finer where it is small.
const kmOf = (step) => { const km = 0.5 * 200 ** (step / 100); return km < 10 ? Math.round(km * 2) / 2 : Math.round(km); };
const stepOf = (km) => Math.round(Math.log(Math.max(km, 0.5) / 0.5) / Math.log(200) * 100);
const middleOf = (dots) => dots.length && {
  lat: dots.reduce((sum, dot) => sum + dot.lat, 0) / dots.length,
  lon: dots.reduce((sum, dot) => sum + dot.lon, 0) / dots.length,
};

const hours = (minutes) => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
const minutes = (time) => { const [hour, minute] = time.split(":").map(Number); return hour * 60 + minute; };
const orNothing = (list) => (list.length ? list : undefined);

// ---- where to look

const chooseSources = (offered, watch, changed, filled) => {
  const known = new Map([...offered, ...(watch?.sources ?? [])].map((source) => [source.id, source]));
  const chosen = new Set(watch?.sources.map((source) => source.id) ?? (offered.length === 1 ? [offered[0].id] : []));
  const list = h("div", { class: "ticks" });
  const report = h("ul", { class: "report" });
  const address = text(t("address"), "", { hint: t("address-hint"), type: "url", most: 2048, mode: "url", field: "text" });
  const draw = () => {
    const ticks = [...known.values()].map((source) => {
      const one = tick(source.title, chosen.has(source.id));
      if (source.site_name && source.site_name !== source.title) one.node.append(h("small", {}, source.site_name));
      one.input.addEventListener("change", () => {
        if (one.input.checked) chosen.add(source.id);
        else chosen.delete(source.id);
        changed();
      });
      return one.node;
    });
    list.replaceChildren(...(ticks.length ? ticks : [h("p", { class: "hint" }, t("sources-none"))]));
  };
  const take = async () => {
    const words = address.input.value.trim();
    if (!words) return;
    mark(address.node.parentElement, []);
    try {
      const found = hasSession() ? await ask("POST", "/paste", { text: words })
        : { source: { id: words, title: words, url: words }, report: [], filter: {} };
      if (!known.has(found.source.id)) known.set(found.source.id, { ...found.source, fresh: true });
      chosen.add(found.source.id);
      address.input.value = "";
      report.replaceChildren(...found.report.map((line) => h("li", { dir: "auto" }, line)));
      draw();
      filled(found.filter);
    } catch (refusal) {
      const problems = refusal.problems?.length ? refusal.problems : [{ field: "text", detail: t("offline") }];
      mark(address.node.parentElement, problems);
    }
  };
  address.input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    take();
  });
  draw();
  return {
    node: group(t("sources"), "sources", list, address.node, button(t("add"), take, { look: "soft", sign: "plus" }), report),
    // The server knows no id of a search that nobody watches yet.
    read: () => [...chosen].map((id) => (known.get(id)?.fresh ? known.get(id).url : id)),
    first: () => [...chosen].map((id) => known.get(id)).find((source) => source?.currency),
  };
};

// ---- place

const choosePlace = (place, tiles, changed) => {
  const near = place.near ?? [];
  const names = text(t("place-names-hint"), (place.names ?? []).join(", "), { field: "filter.place.names" });
  const circle = near[0] ? { ...near[0] } : null;
  const box = h("div", { class: "place" });
  let dots = [];
  let shown;
  let mine = circle;
  const radius = h("input", { type: "range", min: 0, max: 100, step: 1, "aria-label": t("radius") });
  const label = h("output", {});
  const say = () => { label.textContent = t("km", { km: number(mine.km) }); };
  const openMap = () => {
    mine ??= { lat: 50, lon: 15, ...middleOf(dots), km: dots.length ? 3 : 100 };
    radius.value = stepOf(mine.km);
    shown = map({ tiles: tiles.tiles, circle: mine, changed });
    shown.attribution.textContent = tiles.tiles ? tiles.attribution : "";
    shown.show(dots);
    say();
  };
  radius.addEventListener("input", () => {
    mine.km = kmOf(Number(radius.value));
    say();
    shown.radius(mine.km);
  });
  radius.addEventListener("change", changed);
  const kind = near.length ? "map" : place.names?.length ? "names" : "any";
  const kinds = parts(t("place"), [["any", t("place-any")], ["names", t("place-names")], ["map", t("place-map")]], kind, (key) => {
    if (key === "map" && !shown) openMap();
    box.replaceChildren(...(key === "names" ? [names.node] : key === "map"
      ? [shown.node, h("div", { class: "radius" }, h("span", {}, t("radius")), radius, label), h("p", { class: "hint" }, t("map-hint"))] : []));
    if (box.isConnected) changed();
  });
  return {
    node: group(t("place"), "filter.place", kinds.node, box),
    show: (offers) => { dots = offers; shown?.show(offers); },
    read: () => {
      const rest = { ...place };
      delete rest.names;
      delete rest.near;
      // A choice of another way lets go of what belongs to the first one; polygons are not shown here and stay.
      if (kinds.read() === "names") return { ...rest, names: wordsOf(names.input.value) };
      if (kinds.read() === "map") return { ...rest, near: [{ ...mine }, ...near.slice(1)] };
      return rest.inside?.length ? rest : undefined;
    },
  };
};

// ---- how to be told

const chooseTelling = (telling) => {
  const digest = telling.digest ?? { every: "chat" };
  const every = select(t("digest"), [["chat", t("digest-chat")], ["off", t("digest-off")], ["hour", t("digest-hour")],
    ["day", t("digest-day")], ["week", t("digest-week")]], digest.every, "telling.digest");
  const day = select(t("digest-on"), [0, 1, 2, 3, 4, 5, 6].map((one) => [String(one), weekday(one)]), String(digest.day ?? 0));
  const at = text(t("digest-at"), hours(digest.at ?? 540), { type: "time" });
  at.node.classList.add("line");
  const move = text(t("move"), telling.min_move_percent, { type: "number", mode: "decimal", field: "telling.min_move_percent" });
  move.node.classList.add("line", "narrow");
  Object.assign(move.input, { min: 0, max: 100, step: "any" });
  const urgent = tick(t("urgent"), telling.urgent);
  const show = () => {
    day.node.hidden = every.input.value !== "week";
    at.node.hidden = !["day", "week"].includes(every.input.value);
  };
  every.input.addEventListener("change", show);
  show();
  return {
    node: group(t("telling"), "telling", every.node, day.node, at.node, move.node, urgent.node),
    read: () => {
      const kind = every.input.value;
      const chosen = kind === "chat" ? undefined : { every: kind };
      if (kind === "day" || kind === "week") chosen.at = minutes(at.input.value || "09:00");
      if (kind === "week") chosen.day = Number(day.input.value);
      const percent = move.input.value === "" ? undefined : Number(move.input.value);
      return { digest: chosen, min_move_percent: percent, urgent: urgent.input.checked || undefined };
    },
  };
};

// ---- the whole

const price = (filter, source) => {
  const exponent = () => source()?.exponent ?? 2;
  const whole = (minor) => (minor === undefined ? undefined : minor / 10 ** exponent());
  const amounts = span(t("price"), { min: whole(filter.min_price), max: whole(filter.max_price) }, filter.currency ?? "");
  const minor = (value) => (value === undefined ? undefined : Math.round(value * 10 ** exponent()));
  return {
    ...amounts,
    fill: (given) => amounts.fill({ min: whole(given.min_price), max: whole(given.max_price) }),
    read: () => {
      const { min, max } = amounts.read();
      const asked = min !== undefined || max !== undefined;
      return { min_price: minor(min), max_price: minor(max), currency: asked ? filter.currency ?? source()?.currency : undefined };
    },
  };
};

export const editor = async (show, watch, fail) => {
  const { sources: offered, map: tiles } = await ask("GET", "/sources");
  const filter = watch?.filter ?? {};
  const ranges = filter.ranges ?? {};
  const known = new Set(filter.must_know ?? []);
  const key = newKey();
  let later;
  const changed = () => {
    clearTimeout(later);
    later = setTimeout(preview, 500);
  };
  const name = text(t("name"), watch?.name, { hint: t("name-hint"), most: 100, field: "name" });
  const filled = (given) => {
    amounts.fill(given);
    rooms.fill(given.ranges?.rooms ?? {});
    area.fill(given.ranges?.area ?? {});
    changed();
  };
  const sources = chooseSources(offered, watch, () => { amounts.unit(filter.currency ?? sources.first()?.currency ?? ""); changed(); }, filled);
  const amounts = price(filter, sources.first);
  amounts.unit(filter.currency ?? sources.first()?.currency ?? "");
  const [rooms, area] = [span(t("rooms"), ranges.rooms ?? {}), span(t("area"), ranges.area ?? {})];
  const must = { price: tick(t("must-know"), known.has("price"), "tick small"), rooms: tick(t("must-know"), known.has("rooms"), "tick small"),
    area: tick(t("must-know"), known.has("area"), "tick small") };
  const numbers = (title, field, part, one) => group(title, field, part.node, must[one].node);
  const listOf = (label, list, field) => text(label, (list ?? []).join(", "), { hint: t("words-hint"), field });
  const all = listOf(t("words-all"), filter.all_words, "filter.all_words");
  const any = listOf(t("words-any"), filter.any_words, "filter.any_words");
  const none = listOf(t("words-none"), filter.none_words, "filter.none_words");
  const place = choosePlace(filter.place ?? {}, tiles, changed);
  const photo = tick(t("photo"), filter.with_photo);
  const seller = select(t("seller"), [["", t("seller-any")], ["private", t("seller-private")], ["dealer", t("seller-dealer")]],
    filter.seller ?? "", "filter.seller");
  const changes = CHANGES.map((one) => [one, tick(t("change-" + one), !filter.changes?.length || filter.changes.includes(one), "chip")]);
  const telling = chooseTelling(watch?.telling ?? {});
  const kept = [...Object.keys(filter).filter((one) => !SHOWN.includes(one)),
    ...Object.keys(ranges).filter((one) => !["rooms", "area"].includes(one)), ...(filter.place?.inside?.length ? ["place.inside"] : [])];

  const readFilter = () => {
    const range = (part) => { const { min, max } = part.read(); return min === undefined && max === undefined ? undefined : { min, max }; };
    const numbersOf = { ...ranges, rooms: range(rooms), area: range(area) };
    const fields = ["price", "rooms", "area"];
    const wanted = changes.filter(([, one]) => one.input.checked).map(([one]) => one);
    return JSON.parse(JSON.stringify({
      ...filter, ...amounts.read(), ranges: numbersOf,
      all_words: orNothing(wordsOf(all.input.value)), any_words: orNothing(wordsOf(any.input.value)), none_words: orNothing(wordsOf(none.input.value)),
      place: place.read(), seller: seller.input.value || undefined, with_photo: photo.input.checked || undefined,
      must_know: orNothing([...known].filter((one) => !fields.includes(one)).concat(fields.filter((one) => must[one].input.checked))),
      changes: wanted.length === CHANGES.length ? undefined : orNothing(wanted),
    }));
  };
  const read = () => ({ name: name.input.value.trim(), sources: sources.read(), filter: readFilter(), telling: JSON.parse(JSON.stringify(telling.read())) });

  // ---- what it would find

  const count = h("b", { "aria-live": "polite" });
  const found = h("ul", { class: "rows" });
  const results = h("details", { class: "card found", hidden: true }, h("summary", {}, t("preview-show")), found);
  let turn = 0;
  const preview = async () => {
    if (!hasSession()) return;
    const asked = read();
    const mineTurn = ++turn;
    if (!asked.sources.length) {
      results.hidden = true;
      count.textContent = t("preview-choose");
      return;
    }
    count.textContent = t("preview-wait");
    try {
      const seen = await ask("POST", "/watches/preview", { sources: asked.sources, filter: asked.filter });
      if (mineTurn !== turn) return;
      mark(form, []);
      count.textContent = seen.looked ? t("preview-count", { count: number(seen.week), looked: number(seen.looked) + (seen.more ? "+" : "") }) : t("preview-none");
      found.replaceChildren(...seen.listings.map((listing) => row(listing, (to, one) => one.url && window.open(one.url, "_blank", "noopener"))));
      results.hidden = !seen.listings.length;
      place.show(seen.dots);
    } catch (refusal) {
      if (mineTurn !== turn) return;
      if (refusal.status === 422) mark(form, refusal.problems);
      count.textContent = refusal.status === 422 ? t("preview-fix") : t("offline");
    }
  };

  // ---- saving

  const send = (asked) => {
    const data = JSON.stringify({ v: 1, do: "save", key, watch: asked });
    if (new TextEncoder().encode(data).length > MOST_DATA) return toast(t("send-large"));
    return sendData(data);
  };
  const store = async (asked) => {
    if (watch) await ask("PATCH", "/watches/" + watch.id, { ...asked, name: asked.name || watch.name });
    else await ask("POST", "/watches", asked, { "Idempotency-Key": key });
    clearTimeout(later);
    buzz("success");
    toast(t("saved"));
    show("watches", undefined, { root: true });
  };
  const save = button(hasSession() ? t("save") : t("send"), () => form.requestSubmit(), { look: "main" });
  const form = h("form", { class: "editor", noValidate: true, oninput: changed, onsubmit: async (event) => {
    event.preventDefault();
    const asked = read();
    if (!hasSession()) return send(asked);
    save.disabled = true;
    save.querySelector("span").textContent = t("saving");
    try {
      await store(asked);
    } catch (refusal) {
      const rest = refusal.status === 422 ? mark(form, refusal.problems) : [];
      if (refusal.status !== 422) fail(refusal);
      else if (rest.length) toast(rest[0]);
      form.querySelector("[data-wrong]")?.scrollIntoView({ block: "center", behavior: "smooth" });
    } finally {
      save.disabled = false;
      save.querySelector("span").textContent = t("save");
    }
  } },
  h("div", { class: "card" }, name.node), sources.node,
  numbers(t("price"), "filter.min_price filter.max_price filter.currency", amounts, "price"),
  numbers(t("rooms"), "filter.ranges.rooms", rooms, "rooms"), numbers(t("area"), "filter.ranges.area", area, "area"),
  place.node, group(t("words"), "filter.words", all.node, any.node, none.node),
  group(t("changes"), "filter.changes", h("div", { class: "chips" }, ...changes.map(([, one]) => one.node))),
  telling.node, group(t("more"), "filter", photo.node, seller.node, kept.length ? h("p", { class: "hint" }, t("kept", { what: kept.join(", ") })) : ""),
  results,
  h("div", { class: "bar" }, hasSession() ? h("p", {}, h("small", {}, t("preview")), count) : h("p", {}, h("small", {}, t("key-mode"))), save));
  changed();
  return [h("h1", {}, watch ? t("edit") : t("new")), form];
};
