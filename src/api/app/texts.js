// Sentences, numbers and dates in the language of the person.

const LANGUAGES = ["en", "ru", "uk"];
let sentences = {};
export let language = "en";

/// The best of our languages for what the browser prefers.
export const ofBrowser = () => {
  const wanted = (navigator.languages ?? [navigator.language]).map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.find((tag) => LANGUAGES.includes(tag)) ?? "en";
};

/// Loads the sentences of a language.
export const speak = async (wanted) => {
  const next = LANGUAGES.includes(wanted) ? wanted : "en";
  const answer = await fetch(`/app/texts/${next}.json`);
  if (!answer.ok) throw new Error("no texts");
  sentences = await answer.json();
  language = next;
  document.documentElement.lang = next;
  document.title = t("title");
};

/// The sentence of a key with its placeholders filled.
export const t = (key, values = {}) =>
  (sentences[key] ?? key).replace(/\{(\w+)\}/g, (mark, name) => values[name] ?? mark);

export const number = (value, digits = 1) =>
  new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);

export const date = (text) =>
  new Date(text).toLocaleDateString(language, { day: "numeric", month: "short", year: "numeric" });

export const moment = (text) =>
  new Date(text).toLocaleString(language, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

/// The day of the week, 0 is Monday.
export const weekday = (day) =>
  new Date(Date.UTC(2024, 0, 1 + day)).toLocaleDateString(language, { weekday: "long", timeZone: "UTC" });
