"""aiogram as a judge: an echo bot with a button, by long polling."""

import asyncio

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramMigrateToChat, TelegramRetryAfter
from aiogram.types import BotCommand, BufferedInputFile, CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto, Message

from world import BASE, PICTURE, Sandbox, check

TOKEN = "2222:aiogram-judge"
sandbox = Sandbox(2222)
dispatcher = Dispatcher()


@dispatcher.message()
async def echo(message: Message):
    keyboard = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Again", callback_data="again")]])
    await message.answer(message.html_text, parse_mode="HTML", reply_markup=keyboard)


@dispatcher.callback_query()
async def pressed(query: CallbackQuery):
    await query.answer("done", show_alert=True)
    await query.message.edit_text("edited")


async def refused(call, kind, what):
    try:
        await call
    except kind as error:
        return error
    check(False, what)


async def main():
    session = AiohttpSession(api=TelegramAPIServer.from_base(BASE))
    bot = Bot(TOKEN, session=session)
    polling = asyncio.create_task(dispatcher.start_polling(bot, polling_timeout=5, handle_signals=False))
    await bot.set_my_commands([BotCommand(command="start", description="Begin")])
    check((await bot.get_my_commands())[0].command == "start", "commands are kept")
    user = 72001
    say = lambda **act: asyncio.to_thread(sandbox.say, **act)
    await say(user=user, name="Олена", lang="uk", text="привіт 🎉")
    message = await asyncio.to_thread(sandbox.wait_message, user, lambda m: m["from"]["is_bot"])
    check(message["text"] == "привіт 🎉", "the text is echoed")
    happened = await say(user=user, press={"message_id": message["message_id"], "data": "again"})
    check(happened["answer"] == {"text": "done", "show_alert": True}, "the press is answered")
    await asyncio.to_thread(sandbox.wait_message, user, lambda m: m.get("text") == "edited")

    photo = await bot.send_photo(user, BufferedInputFile(PICTURE, "p.png"), caption="by upload")
    check(photo.photo[-1].height == 2, "the picture was measured")
    error = await refused(bot.send_photo(user, "https://"), TelegramBadRequest, "a broken address is refused")
    check("wrong HTTP URL specified" in error.message, "a broken address has its text")
    sandbox.limits("off")
    album = [InputMediaPhoto(media=BufferedInputFile(PICTURE, f"{n}.png")) for n in range(3)]
    check(len(await bot.send_media_group(user, album)) == 3, "an album is sent")
    copied = await bot.copy_message(user, user, photo.message_id)
    check(copied.message_id > photo.message_id, "a copy has a new id")
    error = await refused(bot.send_message(user, "<b>open", parse_mode="HTML"), TelegramBadRequest, "bad HTML is refused")
    check("Can't find end tag corresponding to start tag" in error.message, "bad HTML has its text")

    await say(user=user, chat=-72, group={"type": "group", "title": "Old group"}, bot_status="member")
    await bot.send_message(-72, "to the group")
    await say(chat=-72, migrate_to=-100720)
    error = await refused(bot.send_message(-72, "too late"), TelegramMigrateToChat, "a migrated group is refused")
    check(error.migrate_to_chat_id == -100720, "the new id is given")

    sandbox.limits("bucket")

    async def fast():
        for _ in range(5):
            await bot.send_message(user, "fast")

    error = await refused(fast(), TelegramRetryAfter, "too fast is refused")
    check(error.retry_after >= 1, "retry_after is given")
    await say(user=user, block=True)
    await refused(bot.send_message(user, "?"), TelegramForbiddenError, "a blocked bot is refused")
    await dispatcher.stop_polling()
    await polling
    await session.close()


asyncio.run(asyncio.wait_for(main(), 60))
