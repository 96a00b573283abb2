"""python-telegram-bot as a judge: an echo bot with a button, by long polling."""

import asyncio
import sys

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto
from telegram.error import BadRequest, Conflict, Forbidden, RetryAfter
from telegram.ext import ApplicationBuilder, CallbackQueryHandler, MessageHandler, filters

from world import BASE, PICTURE, Sandbox, check

TOKEN = "1111:ptb-judge"
sandbox = Sandbox(1111)


async def echo(update, context):
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Again", callback_data="again")]])
    await update.message.reply_html(f"<b>{update.message.text}</b>", reply_markup=keyboard)


async def pressed(update, context):
    await update.callback_query.answer("done")
    await update.callback_query.edit_message_text("edited")


async def main():
    builder = ApplicationBuilder().token(TOKEN).base_url(f"{BASE}/bot").base_file_url(f"{BASE}/file/bot")
    app = builder.build()
    app.add_handler(MessageHandler(filters.TEXT, echo))
    app.add_handler(CallbackQueryHandler(pressed))
    async with app:
        await app.start()
        await app.updater.start_polling(timeout=5)
        bot = app.bot
        user = 71001
        await asyncio.to_thread(sandbox.say, user=user, name="Ann", text="hello")
        message = await asyncio.to_thread(sandbox.wait_message, user, lambda m: m.get("text") == "hello" and m["from"]["is_bot"])
        check(message["entities"][0]["type"] == "bold", "HTML becomes an entity")
        happened = await asyncio.to_thread(sandbox.say, user=user, press={"message_id": message["message_id"], "button": "Again"})
        check(happened["answer"]["text"] == "done", "the press is answered")
        await asyncio.to_thread(sandbox.wait_message, user, lambda m: m.get("text") == "edited")

        photo = await bot.send_photo(user, PICTURE, caption="by upload")
        check(photo.photo[-1].width == 2, "the picture was measured")
        again = await bot.send_photo(user, photo.photo[-1].file_id)
        check(again.photo[-1].file_unique_id == photo.photo[-1].file_unique_id, "a file id works")
        file = await bot.get_file(photo.photo[-1].file_id)
        check(bytes(await file.download_as_bytearray()) == PICTURE, "the file comes back")
        sandbox.limits("off")
        album = await bot.send_media_group(user, [InputMediaPhoto(PICTURE), InputMediaPhoto(PICTURE)])
        check(len({m.media_group_id for m in album}) == 1, "an album shares its id")
        try:
            await bot.edit_message_text("edited", user, message["message_id"])
            check(False, "an edit without a change is refused")
        except BadRequest as error:
            check("not modified" in error.message, "not modified has its text")

        sandbox.limits("sliding")
        try:
            for _ in range(4):
                await bot.send_message(user, "fast")
            check(False, "the fourth message in a second is refused")
        except RetryAfter as error:
            seconds = error.retry_after
            seconds = seconds.total_seconds() if hasattr(seconds, "total_seconds") else seconds
            check(1 <= seconds <= 3, "retry_after is given")

        await asyncio.to_thread(sandbox.say, user=user, block=True)
        try:
            await bot.send_message(user, "blocked?")
            check(False, "a blocked bot is refused")
        except Forbidden as error:
            check("blocked by the user" in error.message, "403 has its text")
        await app.updater.stop()
        await app.stop()
        await bot.set_webhook("http://127.0.0.1:9/hook")
        info = await bot.get_webhook_info()
        check(info.url == "http://127.0.0.1:9/hook", "the webhook is told")
        try:
            await bot.get_updates()
            check(False, "getUpdates is refused beside a webhook")
        except Conflict:
            pass
        await bot.delete_webhook(drop_pending_updates=True)


asyncio.run(asyncio.wait_for(main(), 60))
sys.exit(0)
