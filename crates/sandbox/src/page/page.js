// The chat page: keeps in step with the sandbox and lets a person act.

import { clock, element, entry } from "/_sandbox/message.js";
import { answerNothing, answerable, drawTopics, inTopic, listen, openTopic, placed } from "/_sandbox/topics.js";
import * as webapp from "/_sandbox/webapp.js";

const $ = (id) => document.getElementById(id);
const remembered = (key, fallback) => {
  try { return JSON.parse(localStorage.getItem(key)) ?? fallback; } catch { return fallback; }
};
const remember = (key, value) => {
  try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* private windows */ }
};

const FIRST_PERSON = { id: 1001, first_name: "You", language_code: (navigator.language || "en").slice(0, 2) };
const state = {
  bots: [], users: [], chats: [], version: 0,
  people: remembered("people", [FIRST_PERSON]),
  read: remembered("read", {}),
  bot: null, chat: null, open: { version: -1, messages: [] }, shown: new Map(), failed: false, stick: true, top: 0,
};

// ---- talking to the sandbox

const ask = async (path, options) => {
  const answer = await fetch(path, options);
  const body = await answer.json();
  if (body.ok === false) throw new Error(body.error);
  return body;
};

const say = (act) => {
  const user = state.chat < 0 ? Number($("as-user").value) : state.chat;
  const person = everyone().find((one) => one.id === user);
  const about = { bot: state.bot, user, name: person.first_name, lang: person.language_code ?? undefined };
  if (state.chat < 0) Object.assign(about, { chat: state.chat }, act.press ? {} : placed(state.open));
  return ask("/_sandbox/say", { method: "POST", body: JSON.stringify({ ...about, ...act }) });
};

const act = async (work) => {
  try { return await work(); } catch (error) { toast(error.message || "The sandbox does not answer."); }
};

// ---- who and what

const everyone = () => {
  const known = new Map(state.people.map((one) => [one.id, one]));
  for (const user of state.users) known.set(user.id, { ...known.get(user.id), ...user });
  return [...known.values()];
};
const room = (chat = state.chat) => state.chats.find((one) => one.id === chat && (one.bot === state.bot || one.bot === 0));
const bot = () => state.bots.find((one) => one.id === state.bot);
const key = (chat) => state.bot + ":" + chat;
const unread = (chat) => Math.max(0, (room(chat)?.incoming ?? 0) - (state.read[key(chat)] ?? 0));
const color = (text) => [...String(text)].reduce((sum, c) => (sum * 31 + c.codePointAt(0)) % 360, 7);
const initials = (name) => [...name.trim()].slice(0, 1).join("").toUpperCase() || "?";

const avatar = (node, name) => {
  node.textContent = initials(name);
  node.style.setProperty("--hue", color(name));
};

// ---- the list

const when = (seconds) => {
  const date = new Date(seconds * 1000);
  const today = date.toDateString() === new Date().toDateString();
  return today ? clock(seconds) : date.toLocaleDateString([], { day: "numeric", month: "short" });
};

const listItem = (item) => {
  const node = element("button", "chat");
  node.type = "button";
  node.dataset.chatId = item.id;
  if (item.id === state.chat) node.setAttribute("aria-current", "true");
  const face = element("div", "avatar");
  avatar(face, item.name);
  const words = element("div", "words");
  const top = element("div", "line");
  top.append(element("strong", "", item.name));
  if (item.language) top.append(element("span", "lang", item.language));
  if (item.last) top.append(element("time", "", when(item.last.date)));
  const bottom = element("div", "line");
  const typing = item.action?.until > Date.now() ? "typing…" : null;
  bottom.append(element("small", typing ? "typing" : "", typing ?? item.last?.preview ?? "Nothing yet"));
  const count = item.id === state.chat ? 0 : unread(item.id);
  if (count) bottom.append(element("b", "unread", count > 99 ? "99+" : count));
  words.append(top, bottom);
  node.append(face, words);
  return node;
};

const drawList = () => {
  const people = everyone().map((one) => {
    const chat = room(one.id);
    return { id: one.id, name: one.first_name, language: one.language_code, last: chat?.last, action: chat?.action };
  });
  const groups = state.chats.filter((one) => one.bot === 0)
    .map((one) => ({ id: one.id, name: one.title, last: one.last, action: one.action }));
  const items = [...people, ...groups].sort((a, b) => (b.last?.date ?? 0) - (a.last?.date ?? 0) || a.id - b.id);
  $("chats").replaceChildren(...items.slice(0, 200).map(listItem));
  $("bots").hidden = state.bots.length < 2;
  const options = state.bots.map((one) => new Option(one.name, one.id, false, one.id === state.bot));
  $("bots").replaceChildren(...options);
  const waiting = items.reduce((sum, item) => sum + (item.id === state.chat ? 0 : unread(item.id)), 0);
  document.title = (waiting ? `(${waiting}) ` : "") + "Magpie sandbox";
};

// ---- the conversation

const nearEnd = () => $("scroll").scrollHeight - $("scroll").scrollTop - $("scroll").clientHeight < 80;
const toEnd = () => {
  state.stick = true;
  $("scroll").scrollTop = $("scroll").scrollHeight;
};

const dayOf = (seconds) => new Date(seconds * 1000)
  .toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });

// Messages of one album stand together.
const groupAlbums = (messages) => {
  const groups = [];
  for (const message of messages) {
    const before = groups.at(-1);
    if (message.media_group_id && before?.[0].media_group_id === message.media_group_id) before.push(message);
    else groups.push([message]);
  }
  return groups;
};

const drawMessages = () => {
  const nodes = [];
  const kept = new Map();
  let day = "";
  let author = null;
  for (const group of groupAlbums(inTopic(state.open))) {
    const first = group[0];
    const date = dayOf(first.date);
    if (date !== day) {
      day = date;
      author = null;
      // Kept from drawing to drawing like a message: what moves would be animated anew.
      const mark = state.shown.get(date)?.node ?? element("div", "day", date);
      kept.set(date, { node: mark });
      nodes.push(mark);
    }
    const mine = state.chat > 0 ? first.from?.id === state.chat : !first.from?.is_bot;
    const showAuthor = state.chat < 0 && author !== first.from?.id;
    author = first.from?.id;
    const text = JSON.stringify(group) + mine + showAuthor;
    const old = state.shown.get(first.message_id);
    const drawn = () => (state.chat < 0 ? answerable(entry(group, { mine, showAuthor }), first) : entry(group, { mine, showAuthor }));
    const node = old?.text === text ? old.node : drawn();
    if (!old && state.settled) {
      node.classList.add("new");
      node.addEventListener("animationend", () => node.classList.remove("new"), { once: true });
    }
    kept.set(first.message_id, { text, node });
    nodes.push(node);
  }
  state.shown = kept;
  state.settled = true;
  const box = $("messages");
  // Only what differs is touched, so that scrolling, focus and running spinners survive.
  const wanted = new Set(nodes);
  for (const node of [...box.children]) if (!wanted.has(node)) node.remove();
  nodes.forEach((node, i) => { if (box.children[i] !== node) box.insertBefore(node, box.children[i] ?? null); });
};

const drawHead = () => {
  const me = everyone().find((one) => one.id === state.chat);
  const name = state.chat < 0 ? room()?.title ?? "Group" : bot()?.name ?? "No bot yet";
  $("chat-title").textContent = name;
  avatar($("bot-avatar"), name);
  const action = room()?.action;
  const typing = action && action.until > Date.now();
  const topic = state.open.topics?.find((one) => one.id === openTopic(state.open));
  const group = topic ? `topic “${topic.name}”${topic.closed ? " · closed" : ""}` : "group";
  const as = me ? `bot · you are ${me.first_name}${me.language_code ? " (" + me.language_code + ")" : ""}` : group;
  $("chat-subtitle").textContent = state.failed ? "connecting…" : typing ? "typing…" : bot() ? as : "start a bot with this address";
  $("chat-subtitle").classList.toggle("typing", Boolean(typing));
};

const drawFoot = () => {
  const chat = room();
  const ready = Boolean(bot());
  const started = state.chat < 0 || chat?.started;
  const blocked = Boolean(chat?.blocked);
  $("start").hidden = !ready || started || blocked;
  $("unblock").hidden = !blocked;
  $("composer").hidden = !ready || !started || blocked;
  const commands = bot()?.commands ?? [];
  $("show-commands").hidden = !commands.length;
  const menu = bot()?.menu;
  $("open-app").hidden = !ready || state.chat < 0 || menu?.type !== "web_app";
  $("open-app").textContent = menu?.text ?? "";
  if ($("composer").hidden || !commands.length) $("commands").hidden = true;
  const group = state.chat < 0;
  $("as-user").hidden = !group;
  if (group && $("as-user").options.length !== everyone().length) {
    $("as-user").replaceChildren(...everyone().map((one) => new Option(one.first_name, one.id)));
    // Who was made last is most often the one who works in the group; who wrote there last goes on.
    const last = state.open.messages.findLast((one) => one.from && !one.from.is_bot)?.from.id;
    $("as-user").value = last ?? Math.max(...everyone().map((one) => one.id));
  }
  drawReplyKeyboard(blocked ? null : state.open.reply_keyboard);
  if (!state.open.messages.length) drawEmpty(ready);
};

const drawEmpty = (ready) => {
  const about = bot()?.description || "Press Start to see what this bot can do.";
  const words = ready ? about : `No bot has called yet. Point TELEGRAM_API_URL to ${location.origin} and start it.`;
  const box = element("div", "empty");
  box.append(element("strong", "", bot()?.name ?? "Waiting for a bot"), element("p", "", words));
  $("messages").replaceChildren(box);
  state.shown.clear();
};

const drawReplyKeyboard = (markup) => {
  const box = $("reply-keyboard");
  const text = JSON.stringify(markup ?? null);
  if (box.dataset.shown === text) return;
  box.dataset.shown = text;
  box.hidden = !markup;
  box.replaceChildren(...(markup?.keyboard ?? []).map((row) => {
    const line = element("div", "row");
    for (const data of row) {
      const key = element("button", "key", data.text);
      key.type = "button";
      if (data.web_app) key.dataset.appKey = data.text;
      else key.dataset.replyKey = data.text;
      line.append(key);
    }
    return line;
  }));
  $("text").placeholder = markup?.input_field_placeholder || "Message";
};

const draw = () => {
  drawList();
  drawHead();
  drawTopics($("topics"), state.open);
  drawMessages();
  drawFoot();
};

// ---- keeping in step

const load = async () => {
  const { bot, chat } = state;
  const query = bot ? "?bot=" + bot : "";
  const open = await ask(`/_sandbox/chats/${chat}/messages${query}`);
  if (chat !== state.chat || bot !== state.bot) return;
  state.open = open;
  if (!document.hidden && $("app").dataset.view === "chat") markRead();
};

const markRead = () => {
  const incoming = room()?.incoming ?? 0;
  if (state.read[key(state.chat)] === incoming) return;
  state.read[key(state.chat)] = incoming;
  remember("read", state.read);
};

const follow = async () => {
  for (;;) {
    try {
      const wait = state.version && !state.failed ? 25000 : 0;
      const news = await ask(`/_sandbox/chats?since=${state.version}&wait=${wait}`);
      // A sandbox that was started anew counts from the beginning.
      if (news.version < state.version) state.open = { version: -1, messages: [] };
      Object.assign(state, { failed: false, version: news.version, bots: news.bots, users: news.users, chats: news.chats });
      if (!bot()) state.bot = state.bots[0]?.id ?? null;
      const version = room()?.version ?? 0;
      if (version !== state.open.version) await load();
      draw();
      // A burst of messages is drawn at once.
      await new Promise((done) => setTimeout(done, 40));
    } catch {
      state.failed = true;
      drawHead();
      await new Promise((done) => setTimeout(done, 1500));
      state.version = 0;
    }
  }
};

const open = async (chat) => {
  webapp.close();
  state.chat = chat;
  state.settled = false;
  state.shown.clear();
  state.open = { version: -1, messages: [] };
  $("messages").replaceChildren();
  $("app").dataset.view = "chat";
  location.hash = chat;
  remember("chat", chat);
  await act(load);
  markRead();
  draw();
  toEnd();
  if (matchMedia("(hover: hover)").matches && !$("composer").hidden) $("text").focus();
};

// ---- acting

let toastEnds = 0;
const toast = (text) => {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(toastEnds);
  toastEnds = setTimeout(() => { $("toast").hidden = true; }, 3500);
};

const alertBox = (text) => {
  $("alert").querySelector("p").textContent = text;
  $("alert").showModal();
};

const send = (text) => act(async () => {
  await say({ text });
  answerNothing($("answering"), state.open);
  toEnd();
});

const press = (node, message) => act(async () => {
  node.dataset.busy = "true";
  try {
    const happened = await say({ press: { message_id: message, data: node.dataset.callback }, wait_ms: 10000 });
    const answer = happened.answer ?? {};
    if (answer.text) (answer.show_alert ? alertBox : toast)(answer.text);
    if (answer.url) window.open(answer.url, "_blank", "noopener");
  } finally {
    delete node.dataset.busy;
  }
});

const openApp = (how) => act(async () => {
  const dark = webapp.isDark();
  const { app } = await say({ open_app: { ...how, dark } });
  webapp.show(app, dark, (data) => act(async () => {
    await say({ app_data: data });
    toEnd();
  }));
});
$("open-app").addEventListener("click", () => openApp({}));

$("messages").addEventListener("click", (event) => {
  const target = event.target.closest("[data-callback],[data-app],[data-copy],[data-command],[data-photo],.spoiler");
  if (!target) return;
  if (target.classList.contains("spoiler") && !target.dataset.open) {
    target.dataset.open = "true";
    return;
  }
  const message = Number(target.closest("article").dataset.messageId);
  if (target.dataset.callback !== undefined) press(target, message);
  else if (target.dataset.app !== undefined) openApp({ message_id: message, button: target.dataset.app });
  else if (target.dataset.copy !== undefined) {
    navigator.clipboard?.writeText(target.dataset.copy);
    toast("Copied");
  } else if (target.dataset.command) send(target.dataset.command);
  else if (target.dataset.photo) {
    $("viewer").querySelector("img").src = target.dataset.photo;
    $("viewer").showModal();
  }
});
$("viewer").addEventListener("click", () => $("viewer").close());

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text) return;
  $("text").value = "";
  fit();
  send(text);
});
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("composer").requestSubmit();
  }
});
const fit = () => {
  $("text").style.height = "auto";
  $("text").style.height = Math.min($("text").scrollHeight, 140) + "px";
};
$("text").addEventListener("input", () => {
  fit();
  if ($("text").value === "/") showCommands(true);
  else if (!$("text").value.startsWith("/")) showCommands(false);
});

const showCommands = (show) => {
  const list = bot()?.commands ?? [];
  $("commands").hidden = !show || !list.length;
  $("commands").replaceChildren(...list.map((one) => {
    const node = element("button");
    node.type = "button";
    node.dataset.command = "/" + one.command;
    node.append(element("b", "", "/" + one.command), element("span", "", one.description));
    return node;
  }));
};
$("show-commands").addEventListener("click", () => showCommands($("commands").hidden));
$("commands").addEventListener("click", (event) => {
  const target = event.target.closest("[data-command]");
  if (!target) return;
  showCommands(false);
  $("text").value = "";
  send(target.dataset.command);
});

$("reply-keyboard").addEventListener("click", (event) => {
  const target = event.target.closest("[data-reply-key],[data-app-key]");
  if (!target) return;
  if (target.dataset.appKey !== undefined) return openApp({ key: target.dataset.appKey });
  if (state.open.reply_keyboard?.one_time_keyboard) $("reply-keyboard").hidden = true;
  send(target.dataset.replyKey);
});

$("file").addEventListener("change", () => act(async () => {
  const [file] = $("file").files;
  if (!file) return;
  const content = await file.text();
  $("file").value = "";
  await say({ document: { name: file.name, content } });
}));

$("start").addEventListener("click", () => send("/start"));
$("unblock").addEventListener("click", () => act(() => say({ block: false })));
$("chats").addEventListener("click", (event) => {
  const target = event.target.closest("[data-chat-id]");
  if (target) open(Number(target.dataset.chatId));
});
$("back").addEventListener("click", () => { $("app").dataset.view = "list"; drawList(); });
$("bots").addEventListener("change", () => {
  state.bot = Number($("bots").value);
  open(state.chat);
});
$("down").addEventListener("click", toEnd);
$("scroll").addEventListener("scroll", () => {
  // Only a person scrolls up; a layout that grows must not count as such.
  const top = $("scroll").scrollTop;
  if (nearEnd()) state.stick = true;
  else if (top < state.top) state.stick = false;
  state.top = top;
  $("down").hidden = state.stick;
}, { passive: true });
// Whoever reads the newest message goes on reading it when pictures or keyboards change the layout.
const keepEnd = new ResizeObserver(() => { if (state.stick) toEnd(); });
keepEnd.observe($("scroll"));
keepEnd.observe($("messages"));

$("menu").addEventListener("click", (event) => {
  event.stopPropagation();
  const box = $("menu-items");
  const items = [];
  if (state.chat > 0 && room()?.started) {
    const blocked = room().blocked;
    items.push([blocked ? "Unblock the bot" : "Block the bot", () => act(() => say({ block: !blocked }))]);
    items.push(["Send /start again", () => send("/start")]);
  }
  items.push(["Journal", () => window.open("/_sandbox/journal", "_blank")]);
  box.replaceChildren(...items.map(([text, work]) => {
    const node = element("button", "", text);
    node.type = "button";
    node.role = "menuitem";
    node.addEventListener("click", work);
    return node;
  }));
  box.hidden = !box.hidden;
  $("menu").setAttribute("aria-expanded", String(!box.hidden));
});
document.addEventListener("click", () => { $("menu-items").hidden = true; $("menu").setAttribute("aria-expanded", "false"); });
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    $("menu-items").hidden = true;
    showCommands(false);
  }
});

$("new-user").addEventListener("click", () => {
  const ideas = [["Anna", "en"], ["Олена", "uk"], ["Иван", "ru"], ["Jonas", "de"], ["Zofia", "pl"], ["Тарас", "uk"], ["Lucía", "es"]];
  [$("person-name").value, $("person-lang").value] = ideas[everyone().length % ideas.length];
  $("person").returnValue = "";
  $("person").showModal();
  $("person-name").select();
});
$("person-cancel").addEventListener("click", () => $("person").close());
$("person").addEventListener("close", () => {
  if ($("person").returnValue !== "create") return;
  const id = Math.max(1001, ...everyone().map((one) => one.id)) + 1;
  state.people.push({ id, first_name: $("person-name").value.trim() || "Person " + id, language_code: $("person-lang").value });
  remember("people", state.people);
  open(id);
});

$("theme").addEventListener("click", () => {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme ?? (dark ? "dark" : "light");
  const next = now === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  try { localStorage.setItem("theme", next); } catch { /* private windows */ }
});
addEventListener("hashchange", () => {
  const chat = Number(location.hash.slice(1));
  if (chat && chat !== state.chat) open(chat);
});
addEventListener("focus", () => { if (state.chat) { markRead(); drawList(); } });
setInterval(drawHead, 1000);

listen({
  tabs: $("topics"), messages: $("messages"), bar: $("answering"), text: $("text"), current: () => state.open,
  redraw: () => {
    state.shown.clear();
    state.settled = false;
    $("messages").replaceChildren();
    draw();
    toEnd();
  },
});

// ---- begin

const wanted = Number(location.hash.slice(1)) || remembered("chat", 0) || FIRST_PERSON.id;
if (wanted > 0 && !state.people.some((one) => one.id === wanted)) {
  state.people.push({ id: wanted, first_name: "User " + wanted, language_code: FIRST_PERSON.language_code });
}
state.chat = wanted;
follow();
