// A small slippy map (Web Mercator, tiles of 256 points) with one circle that can be moved. Works without pictures:
// there is a grid then, and the dots of offers still say where things are.

import { button, h, svg } from "./dom.js";
import { t } from "./texts.js";

const TILE = 256;
const [LEAST, MOST] = [2, 18];
const NORTH = 85.051;
const EARTH_M = 40_075_016.686;
const EDGE = 24;

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const round = (value) => Math.round(value * 1e5) / 1e5;

/// Where a point is on the whole map at a zoom, in points of the screen.
const project = ({ lat, lon }, zoom) => {
  const size = TILE * 2 ** zoom;
  const sin = Math.sin(clamp(lat, -NORTH, NORTH) * Math.PI / 180);
  return { x: (lon + 180) / 360 * size, y: (0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)) * size };
};
const unproject = ({ x, y }, zoom) => {
  const size = TILE * 2 ** zoom;
  const lat = Math.atan(Math.sinh(Math.PI * (1 - 2 * y / size))) * 180 / Math.PI;
  return { lat: round(clamp(lat, -NORTH, NORTH)), lon: round(((x / size * 360) % 360 + 360) % 360 - 180) };
};
const pointsOfKm = (km, lat, zoom) => km * 1000 / (EARTH_M * Math.cos(lat * Math.PI / 180) / (TILE * 2 ** zoom));

/// A map around `circle` ({lat, lon, km}); `changed` is called when a person moves it.
export const map = ({ tiles, circle, changed }) => {
  const pictures = new Map();
  const layer = h("div", { class: "tiles", "aria-hidden": "true" });
  const cover = svg("svg", { class: "cover", "aria-hidden": "true" });
  const view = h("div", { class: "view", tabindex: 0, role: "application", "aria-label": t("map") }, layer, cover);
  let centre = { lat: circle.lat, lon: circle.lon };
  let zoom = 11;
  let size = { width: 0, height: 0 };
  let dots = [];

  const corner = () => {
    const middle = project(centre, zoom);
    return { x: middle.x - size.width / 2, y: middle.y - size.height / 2 };
  };
  const onScreen = (place) => {
    const at = project(place, zoom);
    const from = corner();
    return { x: at.x - from.x, y: at.y - from.y };
  };
  const placeAt = ({ x, y }) => {
    const from = corner();
    return unproject({ x: from.x + x, y: from.y + y }, zoom);
  };

  const drawTiles = () => {
    const from = corner();
    const wanted = new Set();
    const count = 2 ** zoom;
    for (let column = Math.floor(from.x / TILE); column * TILE < from.x + size.width; column++) {
      for (let row = Math.max(0, Math.floor(from.y / TILE)); row < count && row * TILE < from.y + size.height; row++) {
        const name = `${zoom}/${column}/${row}`;
        wanted.add(name);
        let picture = pictures.get(name);
        if (!picture) {
          picture = h("img", { alt: "", draggable: false, decoding: "async", onerror: (event) => event.target.remove() });
          picture.src = tiles.replace("{z}", zoom).replace("{x}", ((column % count) + count) % count).replace("{y}", row);
          pictures.set(name, picture);
          layer.append(picture);
        }
        picture.style.transform = `translate(${Math.round(column * TILE - from.x)}px, ${Math.round(row * TILE - from.y)}px)`;
      }
    }
    for (const [name, picture] of pictures) {
      if (wanted.has(name)) continue;
      picture.remove();
      pictures.delete(name);
    }
  };

  const draw = () => {
    if (!size.width) return;
    if (tiles) drawTiles();
    const from = corner();
    view.style.backgroundPosition = `${-Math.round(from.x % 64)}px ${-Math.round(from.y % 64)}px`;
    const at = onScreen(circle);
    const radius = pointsOfKm(circle.km, circle.lat, zoom);
    cover.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
    cover.replaceChildren(
      svg("circle", { class: "circle", cx: at.x, cy: at.y, r: Math.min(radius, 20_000) }),
      ...dots.map((dot) => ({ dot, at: onScreen(dot) }))
        .filter(({ at: { x, y } }) => x > -9 && y > -9 && x < size.width + 9 && y < size.height + 9)
        .map(({ dot, at: { x, y } }) => svg("circle", { class: dot.wanted ? "offer wanted" : "offer", cx: x, cy: y, r: dot.wanted ? 5 : 4 })),
      svg("circle", { class: "handle", cx: at.x, cy: at.y, r: 10 }),
      svg("circle", { class: "pip", cx: at.x, cy: at.y, r: 3 }));
    view.dataset.lat = circle.lat;
    view.dataset.lon = circle.lon;
    view.dataset.km = circle.km;
  };

  const move = (place) => {
    Object.assign(circle, { lat: round(place.lat), lon: round(place.lon) });
    draw();
    changed(circle);
  };
  const zoomBy = (step, around) => {
    const next = clamp(zoom + step, LEAST, MOST);
    if (next === zoom) return;
    const held = around && placeAt(around);
    zoom = next;
    if (held) {
      const now = onScreen(held);
      const middle = project(centre, zoom);
      centre = unproject({ x: middle.x + now.x - around.x, y: middle.y + now.y - around.y }, zoom);
    }
    draw();
  };
  const fit = () => {
    centre = { lat: circle.lat, lon: circle.lon };
    const room = Math.max(80, Math.min(size.width, size.height)) * 0.42;
    zoom = MOST;
    while (zoom > LEAST && pointsOfKm(circle.km, circle.lat, zoom) > room) zoom--;
    draw();
  };

  // ---- fingers and mice

  const fingers = new Map();
  let drag = null;
  const pointOf = (event) => {
    const box = view.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const apart = () => {
    const [a, b] = [...fingers.values()];
    return Math.hypot(a.x - b.x, a.y - b.y);
  };
  view.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    const point = pointOf(event);
    fingers.set(event.pointerId, point);
    view.setPointerCapture(event.pointerId);
    if (fingers.size === 2) drag = { pinch: apart() };
    else if (fingers.size === 1) {
      const at = onScreen(circle);
      const grabbed = Math.hypot(at.x - point.x, at.y - point.y) <= EDGE;
      drag = { grabbed, from: point, last: point, moved: false };
    }
  });
  view.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId) || !drag) return;
    const point = pointOf(event);
    fingers.set(event.pointerId, point);
    if (drag.pinch) {
      if (fingers.size < 2) return;
      const [a, b] = [...fingers.values()];
      const now = apart();
      const step = now > drag.pinch * 1.5 ? 1 : now < drag.pinch / 1.5 ? -1 : 0;
      if (!step) return;
      drag.pinch = now;
      return zoomBy(step, { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
    }
    if (!drag.moved && Math.hypot(point.x - drag.from.x, point.y - drag.from.y) < 6) return;
    drag.moved = true;
    if (drag.grabbed) {
      Object.assign(circle, placeAt(point));
    } else {
      const middle = project(centre, zoom);
      centre = unproject({ x: middle.x - point.x + drag.last.x, y: middle.y - point.y + drag.last.y }, zoom);
    }
    drag.last = point;
    draw();
  });
  const release = (event) => {
    if (!fingers.delete(event.pointerId) || !drag) return;
    if (!drag.pinch && event.type === "pointerup") {
      if (drag.grabbed && drag.moved) changed(circle);
      else if (!drag.moved) move(placeAt(drag.last));
    }
    if (!fingers.size) drag = null;
  };
  view.addEventListener("pointerup", release);
  view.addEventListener("pointercancel", release);
  // A wheel over a map that nobody chose scrolls the page.
  view.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && document.activeElement !== view) return;
    event.preventDefault();
    zoomBy(event.deltaY < 0 ? 1 : -1, pointOf(event));
  }, { passive: false });
  view.addEventListener("keydown", (event) => {
    const step = Math.min(size.width, size.height) / (event.shiftKey ? 4 : 16);
    const [x, y] = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key] ?? [];
    if (x !== undefined) {
      const at = onScreen(circle);
      move(placeAt({ x: at.x + x, y: at.y + y }));
      centre = { lat: circle.lat, lon: circle.lon };
      draw();
    } else if (event.key === "+" || event.key === "=") zoomBy(1);
    else if (event.key === "-") zoomBy(-1);
    else return;
    event.preventDefault();
  });

  const look = (label, sign, work) => button("", work, { look: "tool", sign, label });
  const attribution = h("small", { class: "attribution" });
  const node = h("div", { class: "map" }, view,
    h("div", { class: "tools" }, look(t("zoom-in"), "plus", () => zoomBy(1)), look(t("zoom-out"), "minus", () => zoomBy(-1)),
      look(t("map-fit"), "fit", fit)), attribution);
  let fitted = false;
  new ResizeObserver(([entry]) => {
    size = { width: entry.contentRect.width, height: entry.contentRect.height };
    if (!fitted && size.width) {
      fitted = true;
      return fit();
    }
    draw();
  }).observe(view);

  return {
    node, attribution, move, fit, draw,
    show: (offers) => { dots = offers; draw(); },
    radius: (km) => { circle.km = km; fit(); },
  };
};
