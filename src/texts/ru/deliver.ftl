# Что говорит сообщение об объявлении.
deliver-new = 🆕 Новое
deliver-price-down = 📉 Подешевело
deliver-price-up = 📈 Подорожало
deliver-back = 🔁 Снова опубликовано
deliver-edited = ✏️ Изменено
deliver-gone = ⛔ Снято с публикации
deliver-reserved = 🔒 Забронировано
deliver-untitled = Без названия
deliver-was = было
deliver-per-metre = { $price } за м²
deliver-area = { $area } м²
deliver-rooms = { $count ->
    [one] { $number } комната
    [few] { $number } комнаты
   *[other] { $number } комнат
}
deliver-rooms-part = { $number } комнаты
deliver-posted = Опубликовано: { $at }
deliver-watches = { $count ->
    [1] Подписка: { $names }
   *[other] Подписки: { $names }
}
deliver-more = и ещё { $number }
deliver-open = Открыть
