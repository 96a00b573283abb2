// Turns the JSON of a message into a bubble. Knows nothing of the network.

const element = (tag, name, text) => {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text !== undefined) node.textContent = text;
  return node;
};

const safeLink = (address) => {
  try {
    const url = new URL(/^[a-z]+:/i.test(address) ? address : "https://" + address);
    return ["http:", "https:", "tg:", "mailto:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
};

const TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote" };

// The element of one entity around its text.
const wrapper = (entity, text) => {
  const { type } = entity;
  if (TAGS[type]) {
    const node = element(TAGS[type]);
    if (entity.language) node.dataset.language = entity.language;
    return node;
  }
  const target = type === "text_link" ? entity.url : type === "url" ? text : type === "email" ? "mailto:" + text : null;
  const href = target && safeLink(target);
  if (href) {
    const link = element("a");
    link.href = href;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    return link;
  }
  if (type === "bot_command") {
    const command = element("button", "command");
    command.type = "button";
    command.dataset.command = text;
    return command;
  }
  if (type === "spoiler") {
    const spoiler = element("span", "spoiler");
    spoiler.tabIndex = 0;
    spoiler.role = "button";
    return spoiler;
  }
  return element("span", type);
};

// Text between two UTF-16 offsets with the entities inside it, nested as they nest.
const stretch = (text, from, to, entities) => {
  const out = document.createDocumentFragment();
  let at = from;
  for (let i = 0; i < entities.length; i++) {
    const entity = entities[i];
    const start = Math.max(entity.offset, at);
    const end = Math.min(entity.offset + entity.length, to);
    if (start >= end) continue;
    if (start > at) out.append(text.slice(at, start));
    const inside = [];
    while (i + 1 < entities.length && entities[i + 1].offset < end) inside.push(entities[++i]);
    const node = wrapper(entity, text.slice(start, end));
    node.append(stretch(text, start, end, inside));
    out.append(node);
    // What crosses the border of an outer entity goes on behind it.
    const rest = inside.filter((inner) => inner.offset + inner.length > end)
      .map((inner) => ({ ...inner, length: inner.offset + inner.length - end, offset: end }));
    if (rest.length) entities = [...entities.slice(0, i + 1), ...rest, ...entities.slice(i + 1)];
    at = end;
  }
  if (at < to) out.append(text.slice(at, to));
  return out;
};

const richText = (text, entities = []) => {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const node = element("div", "text");
  node.dir = "auto";
  node.append(stretch(text, 0, text.length, sorted));
  return node;
};

export const clock = (seconds) =>
  new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

const size = (bytes) => bytes > 1e6 ? (bytes / 1e6).toFixed(1) + " MB" : Math.max(1, Math.round(bytes / 1e3)) + " KB";

const picture = (message) => {
  const node = element("button", "photo");
  node.type = "button";
  node.dataset.photo = message.media_url;
  node.setAttribute("aria-label", "Open the picture");
  const image = element("img");
  const best = message.photo.at(-1);
  image.src = message.media_url;
  image.width = best.width;
  image.height = best.height;
  image.alt = message.caption ? message.caption.slice(0, 100) : "Picture";
  if (message.has_media_spoiler) node.classList.add("spoiler");
  node.append(image);
  return node;
};

const document_ = (message) => {
  const node = element("a", "document");
  node.href = message.media_url;
  node.download = message.document.file_name;
  node.append(element("i", "", "↓"), element("b", "", message.document.file_name), element("small", "", size(message.document.file_size)));
  return node;
};

const button = (data, row, column) => {
  const url = data.url && safeLink(data.url);
  const node = element(url ? "a" : "button", "key");
  node.append(element("span", "", data.text));
  node.dataset.row = row;
  node.dataset.column = column;
  if (data.style) node.dataset.style = data.style;
  if (url) {
    node.href = url;
    node.target = "_blank";
    node.rel = "noopener noreferrer";
    node.dataset.url = data.url;
  } else {
    node.type = "button";
    if (data.callback_data !== undefined) node.dataset.callback = data.callback_data;
    if (data.copy_text) node.dataset.copy = data.copy_text.text;
    if (data.web_app) node.dataset.app = data.text;
  }
  return node;
};

const keyboard = (markup) => {
  const node = element("div", "keyboard");
  markup.inline_keyboard.forEach((row, r) => {
    const line = element("div", "row");
    row.forEach((data, c) => line.append(button(data, r, c)));
    node.append(line);
  });
  return node;
};

const SERVICE = {
  forum_topic_created: (value) => `Topic “${value.name}” was created`,
  forum_topic_edited: (value) => `The topic is now “${value.name}”`,
  web_app_data: (value) => `Data of the app went to the bot by “${value.button_text}”`,
  forum_topic_closed: () => "The topic was closed",
  forum_topic_reopened: () => "The topic was opened again",
  migrate_to_chat_id: (id) => `This group is now the supergroup ${id}`,
  migrate_from_chat_id: (id) => `This supergroup was the group ${id}`,
};

const service = (message) => {
  const key = Object.keys(SERVICE).find((key) => key in message);
  return element("div", "service", key ? SERVICE[key](message[key]) : "Service message");
};

const quote = (answered) => {
  const node = element("div", "quote");
  node.append(element("b", "", answered.from?.first_name ?? "Channel"),
    element("span", "", answered.text ?? answered.caption ?? "Picture"));
  return node;
};

// One entry of the conversation: a message, or all pictures of an album.
export const entry = (messages, { mine, showAuthor }) => {
  const first = messages[0];
  const node = element("article", "message " + (mine ? "out" : "in"));
  node.dataset.messageId = first.message_id;
  node.dataset.out = mine;
  if (!("text" in first || "photo" in first || "document" in first)) {
    node.className = "message middle";
    node.append(service(first));
    return node;
  }
  const bubble = element("div", "bubble");
  if (showAuthor) bubble.append(element("b", "author", first.from?.first_name ?? "Channel"));
  if (first.forward_origin) {
    const origin = first.forward_origin;
    bubble.append(element("small", "forwarded", "Forwarded from " + (origin.sender_user?.first_name ?? origin.chat?.title ?? "someone")));
  }
  if (first.reply_to_message) bubble.append(quote(first.reply_to_message));
  const media = element("div", "media");
  for (const message of messages) {
    if (!message.photo && !message.document) continue;
    const part = message.photo ? picture(message) : document_(message);
    if (messages.length > 1) part.dataset.messageId = message.message_id;
    media.append(part);
  }
  const caption = messages.filter((message) => message.caption);
  const words = first.text !== undefined ? richText(first.text, first.entities)
    : caption.length === 1 ? richText(caption[0].caption, caption[0].caption_entities) : null;
  if (media.childElementCount) {
    media.dataset.count = media.childElementCount;
    bubble.classList.add("has-media");
  }
  const parts = first.show_caption_above_media ? [words, media] : [media, words];
  bubble.append(...parts.filter((part) => part && (part !== media || media.childElementCount)));
  if (!words) bubble.classList.add("bare");
  const last = messages.at(-1);
  const label = (last.edit_date ? "edited " : "") + clock(last.date);
  const time = element("time", "when", label);
  // Room for the time behind the last word.
  bubble.style.setProperty("--when", label.length * 0.46 + 1 + "em");
  time.dateTime = new Date(last.date * 1000).toISOString();
  bubble.append(time);
  if (last.reactions) bubble.append(element("span", "reactions", last.reactions.map((r) => r.emoji ?? "★").join(" ")));
  node.append(bubble);
  if (first.reply_markup) node.append(keyboard(first.reply_markup));
  return node;
};

export { element };
