// grammY as a judge: an echo bot with a button, once by webhook and once by long polling.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { deflateSync, crc32 as zlibCrc } from "node:zlib";
import { Bot, GrammyError, InlineKeyboard, InputFile, webhookCallback } from "grammy";

const BASE = process.env.SANDBOX_URL;
const TOKEN = "3333:grammy-judge";
const SECRET = "only-for-this-judge";

const call = async (path, body) => {
  const answer = await fetch(BASE + path, body && { method: "POST", body: JSON.stringify(body) });
  return answer.json();
};
const say = (act) => call("/_sandbox/say", { bot: 3333, ...act });

const waitMessage = async (chat, fits) => {
  for (let since = 0, tries = 0; tries < 20; tries++) {
    const state = await call(`/_sandbox/chats/${chat}/messages?bot=3333&since=${since}&wait=1000`);
    const found = state.messages.find(fits);
    if (found) return found;
    since = state.version;
  }
  throw new Error(`no message that fits in chat ${chat}`);
};

const crc = zlibCrc ?? ((bytes) => {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
});
const chunk = (kind, data) => {
  const body = Buffer.concat([Buffer.from(kind), data]);
  const numbers = Buffer.alloc(8);
  numbers.writeUInt32BE(data.length, 0);
  numbers.writeUInt32BE(crc(body), 4);
  return Buffer.concat([numbers.subarray(0, 4), body, numbers.subarray(4)]);
};
const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]);
const picture = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", header),
  chunk("IDAT", deflateSync(Buffer.from([0, 255, 0, 0]))), chunk("IEND", Buffer.alloc(0))]);

const makeBot = () => {
  const bot = new Bot(TOKEN, { client: { apiRoot: BASE } });
  bot.on("message:text", (ctx) => ctx.reply(ctx.message.text, { reply_markup: new InlineKeyboard().text("Again", "again") }));
  bot.on("callback_query:data", async (ctx) => {
    await ctx.answerCallbackQuery("done");
    await ctx.editMessageText("edited");
  });
  return bot;
};

const converse = async (user) => {
  await say({ user, name: "Jonas", lang: "de", text: "hallo" });
  const message = await waitMessage(user, (m) => m.from.is_bot && m.text === "hallo");
  const happened = await say({ user, press: { message_id: message.message_id, button: "Again" } });
  assert.equal(happened.answer.text, "done");
  await waitMessage(user, (m) => m.text === "edited");
};

const refusal = (work) => work.then(() => assert.fail("should be refused"), (error) => {
  assert.ok(error instanceof GrammyError, String(error));
  return error;
});

const watchdog = setTimeout(() => { console.error("too slow"); process.exit(1); }, 60_000);

const hooked = makeBot();
let forged = 0;
const handle = webhookCallback(hooked, "http", { secretToken: SECRET });
const server = createServer((request, response) => {
  if (request.headers["x-telegram-bot-api-secret-token"] !== SECRET) forged++;
  handle(request, response);
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
await hooked.api.setWebhook(`http://127.0.0.1:${server.address().port}/hook`, { secret_token: SECRET });
await converse(73001);
assert.equal(forged, 0);
// The last answer may still be on its way: an update that is not acknowledged would come again by polling.
await hooked.api.deleteWebhook({ drop_pending_updates: true });
server.close();
server.closeAllConnections();

const bot = makeBot();
await new Promise((done) => { bot.start({ onStart: done }); });
await converse(73002);
const photo = await bot.api.sendPhoto(73002, new InputFile(picture, "dot.png"), { caption: "by upload" });
assert.equal(photo.photo.at(-1).width, 1);
await call("/_sandbox/limits", { mode: "sliding" });
const fast = async () => { for (let i = 0; i < 5; i++) await bot.api.sendMessage(73002, "fast"); };
const slow = await refusal(fast());
assert.equal(slow.error_code, 429);
assert.ok(slow.parameters.retry_after >= 1);
await say({ user: 73002, block: true });
const blocked = await refusal(bot.api.sendMessage(73002, "?"));
assert.equal(blocked.error_code, 403);
assert.equal(blocked.description, "Forbidden: bot was blocked by the user");
const unknown = await refusal(bot.api.raw.sendDice({ chat_id: 73001 }));
assert.equal(unknown.error_code, 404);
await bot.stop();
clearTimeout(watchdog);
