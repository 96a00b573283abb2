// A price over time as steps: a price holds until another one is seen. Plain SVG, colours by classes.

import { h, svg } from "./dom.js";
import { date, language, t } from "./texts.js";

const [WIDTH, HEIGHT] = [340, 200];
const [LEFT, RIGHT, TOP, BOTTOM] = [46, 8, 12, 26];

/// Round values between two, at most `most`.
const ticks = (low, high, most) => {
  const rough = (high - low || Math.abs(high) || 1) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((by) => by * power).find((by) => by >= rough);
  const found = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step / 1e6; at += step) found.push(at);
  return found;
};

const short = (minor, exponent) => {
  const value = minor / 10 ** exponent;
  const notation = value < 1e6 ? "standard" : "compact";
  return new Intl.NumberFormat(language, { notation, maximumFractionDigits: value < 10 || value >= 1e6 ? 2 : 0 }).format(value);
};

/// The chart of `points` (`at`, `minor`, `currency`, `text`), oldest first, up to `now`.
export const chart = (points, now) => {
  const { currency, exponent } = points.at(-1);
  const known = points.filter((point) => point.currency === currency)
    .map((point) => ({ ...point, time: Date.parse(point.at) }));
  const end = Math.max(Date.parse(now), known.at(-1).time);
  const begin = Math.min(known[0].time, end - 864e5);
  const prices = known.map((point) => point.minor);
  const [least, most] = [Math.min(...prices), Math.max(...prices)];
  const room = (most - least) * 0.15 || most * 0.05 || 1;
  const [low, high] = [least - room, most + room];
  const x = (time) => LEFT + (time - begin) / (end - begin) * (WIDTH - LEFT - RIGHT);
  const y = (minor) => HEIGHT - BOTTOM - (minor - low) / (high - low) * (HEIGHT - TOP - BOTTOM);
  let line = `M${x(known[0].time).toFixed(1)} ${y(known[0].minor).toFixed(1)}`;
  for (const point of known.slice(1)) line += `H${x(point.time).toFixed(1)}V${y(point.minor).toFixed(1)}`;
  line += `H${x(end).toFixed(1)}`;
  const ground = HEIGHT - BOTTOM;
  const area = `${line}V${ground}H${x(known[0].time).toFixed(1)}Z`;
  const grid = ticks(low, high, 4).flatMap((value) => [
    svg("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value) }),
    svg("text", { class: "tick end", x: LEFT - 6, y: y(value) + 4 }, short(value, exponent)),
  ]);
  const dots = known.length > 40 ? [] : known.map((point, i) => {
    const before = known[i - 1]?.minor ?? point.minor;
    const look = point.minor < before ? "down" : point.minor > before ? "up" : "first";
    return svg("circle", { class: "dot " + look, cx: x(point.time), cy: y(point.minor), r: 4 },
      svg("title", {}, `${date(point.at)}: ${point.text}`));
  });
  const last = known.at(-1);
  const name = t("prices-chart", { first: known[0].text, last: last.text });
  const picture = svg("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": name },
    svg("path", { class: "area", d: area }), ...grid, svg("path", { class: "line", d: line }), ...dots,
    svg("circle", { class: "now", cx: x(end), cy: y(last.minor), r: 3 }),
    svg("text", { class: "tick", x: LEFT, y: HEIGHT - 8 }, date(begin)),
    svg("text", { class: "tick end", x: WIDTH - RIGHT, y: HEIGHT - 8 }, date(end)));
  const rows = [...points].reverse().slice(0, 50)
    .map((point) => h("li", {}, h("time", { dateTime: point.at }, date(point.at)), h("b", {}, point.text)));
  return h("div", { class: "prices" }, picture, h("ol", { class: "rows" }, ...rows));
};
