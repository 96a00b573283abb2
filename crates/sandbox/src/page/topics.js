// A group with topics: one tab for each, and answers to single messages. Draws only; the page sends.

import { element } from "/_sandbox/message.js";

const GENERAL = 0;
const all = () => true;

// What is open in each group, and how many messages of a topic were there when it was last looked at.
const chosen = new Map();
const looked = new Map();
let answering = null;

const isForum = (open) => Boolean(open.chat?.is_forum);
const threadOf = (message) => (message.is_topic_message ? message.message_thread_id : GENERAL);
const isService = (message) => "forum_topic_created" in message;

// The topic that is open in a group; null outside of forums.
export const openTopic = (open) => {
  if (!isForum(open)) return null;
  const wanted = chosen.get(open.chat.id) ?? GENERAL;
  return wanted === GENERAL || open.topics?.some((topic) => topic.id === wanted) ? wanted : GENERAL;
};

// The messages of the open topic.
export const inTopic = (open) => {
  const topic = openTopic(open);
  return open.messages.filter(topic === null ? all : (message) => threadOf(message) === topic);
};

// What a message that is sent now carries beyond its words.
export const placed = (open) => {
  const topic = openTopic(open);
  const place = topic ? { thread: topic } : {};
  return answering?.chat === open.chat?.id ? { ...place, reply_to: answering.id } : place;
};

const color = (topic) => "#" + (topic.color ?? 0).toString(16).padStart(6, "0");

const tab = (open, topic, current) => {
  const own = open.messages.filter((message) => threadOf(message) === topic.id && !isService(message));
  const key = open.chat.id + "/" + topic.id;
  if (topic.id === current) looked.set(key, own.length);
  const news = own.length - (looked.get(key) ?? 0);
  const node = element("button", "topic");
  node.type = "button";
  node.role = "tab";
  node.dataset.topic = topic.id;
  node.dataset.topicName = topic.name;
  node.setAttribute("aria-selected", String(topic.id === current));
  const mark = element("i", "", topic.id === GENERAL ? "#" : [...topic.name.trim()][0]?.toUpperCase() ?? "?");
  if (topic.id !== GENERAL) mark.style.background = color(topic);
  node.append(mark, element("span", "", topic.name));
  if (topic.closed) node.append(element("small", "lock", "🔒"));
  if (news > 0 && topic.id !== current) node.append(element("b", "unread", news > 99 ? "99+" : news));
  return node;
};

// The row of tabs above the messages.
export const drawTopics = (box, open) => {
  box.hidden = !isForum(open);
  if (box.hidden) return;
  const current = openTopic(open);
  const last = (topic) => open.messages.findLast((message) => threadOf(message) === topic.id)?.message_id ?? 0;
  const topics = [...(open.topics ?? [])].sort((a, b) => a.closed - b.closed || last(b) - last(a));
  const nodes = [{ id: GENERAL, name: "General" }, ...topics].map((topic) => tab(open, topic, current));
  const text = nodes.map((node) => node.outerHTML).join("");
  if (box.dataset.shown === text) return;
  box.dataset.shown = text;
  box.replaceChildren(...nodes);
  box.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest", inline: "nearest" });
};

// A message of a group can be answered: a button that shows when the pointer is there, or has the focus.
export const answerable = (node, message) => {
  if (isService(message) || node.classList.contains("middle")) return node;
  const button = element("button", "answer", "↩");
  button.type = "button";
  button.dataset.answer = message.message_id;
  button.title = "Answer";
  button.setAttribute("aria-label", "Answer this message");
  node.append(button);
  return node;
};

// The bar above the composer that says what is answered.
const drawAnswering = (bar, open) => {
  const message = open.messages.find((one) => one.message_id === answering?.id);
  const shows = Boolean(message) && answering.chat === open.chat?.id;
  bar.hidden = !shows;
  if (!shows) return;
  const words = element("div", "quote");
  words.append(element("b", "", message.from?.first_name ?? "Channel"),
    element("span", "", message.text ?? message.caption ?? "Picture"));
  const end = element("button", "icon", "×");
  end.type = "button";
  end.setAttribute("aria-label", "Answer nothing");
  end.addEventListener("click", () => answerNothing(bar, open));
  bar.replaceChildren(words, end);
};

export const answerNothing = (bar, open) => {
  answering = null;
  drawAnswering(bar, open);
};

// Lets the tabs and the answer buttons work; `redraw` shows the other topic.
export const listen = ({ tabs, messages, bar, text, current, redraw }) => {
  tabs.addEventListener("click", (event) => {
    const target = event.target.closest("[data-topic]");
    if (!target) return;
    chosen.set(current().chat.id, Number(target.dataset.topic));
    answerNothing(bar, current());
    redraw();
  });
  tabs.addEventListener("keydown", (event) => {
    const step = { ArrowRight: "nextElementSibling", ArrowLeft: "previousElementSibling" }[event.key];
    const next = step && event.target.closest("[data-topic]")?.[step];
    next?.focus();
  });
  messages.addEventListener("click", (event) => {
    const target = event.target.closest("[data-answer]");
    if (!target) return;
    answering = { chat: current().chat.id, id: Number(target.dataset.answer) };
    drawAnswering(bar, current());
    text.focus();
  });
};
