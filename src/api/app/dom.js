// Small words for making elements. Texts become text nodes, never markup.

const SVG = "http://www.w3.org/2000/svg";

const fill = (node, properties, children) => {
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.setAttribute("class", value);
    else if (name in node && !(node instanceof SVGElement) && name !== "list") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return node;
};

/// An HTML element with properties, listeners (`onclick`) and children.
export const h = (tag, properties, ...children) => fill(document.createElement(tag), properties, children);

/// The same for SVG.
export const svg = (tag, properties, ...children) => fill(document.createElementNS(SVG, tag), properties, children);

const PATHS = {
  back: "M15 5l-7 7 7 7",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  pause: "M9 6v12M15 6v12",
  play: "M8 5.500l10 6.500-10 6.500z",
  mute: "M6 9v6M9 9H6v6h3l5 4V5zM17 9l4 6M21 9l-4 6",
  sound: "M9 9H6v6h3l5 4V5zM17 9a4 4 0 0 1 0 6",
  edit: "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
  bin: "M5 7h14M10 7V5h4v2M7 7l1 12h8l1-12",
  search: "M10.500 5a5.500 5.500 0 1 0 .01 0M15 15l4 4",
  list: "M9 7h10M9 12h10M9 17h10M5 7h.1M5 12h.1M5 17h.1",
  card: "M4 7h16v10H4zM4 11h16",
  fit: "M12 8a4 4 0 1 0 .01 0M12 3v3M12 18v3M3 12h3M18 12h3",
  next: "M9 5l7 7-7 7",
};

/// A drawing that says nothing by itself.
export const icon = (name) => svg("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" },
  svg("path", { d: PATHS[name] }));

/// A button of at least 44 points.
export const button = (text, onclick, { look = "", sign, label } = {}) =>
  h("button", { type: "button", class: "button " + look, onclick, "aria-label": label }, sign && icon(sign), text && h("span", {}, text));

let ends = 0;
/// A word that goes by itself.
export const toast = (text) => {
  const box = document.getElementById("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(ends);
  ends = setTimeout(() => { box.hidden = true; }, 4000);
};

/// Asks for one of several answers; `undefined` when none was chosen.
export const choose = (question, answers, cancel) => new Promise((done) => {
  const box = document.getElementById("ask");
  let chosen;
  const finish = (value) => () => { chosen = value; box.close(); };
  box.replaceChildren(h("p", { id: "question" }, question),
    ...answers.map(([text, value, look]) => button(text, finish(value), { look: look ?? "soft" })),
    button(cancel, finish(undefined), { look: "plain" }));
  box.setAttribute("aria-labelledby", "question");
  box.addEventListener("close", () => done(chosen), { once: true });
  box.showModal();
});
