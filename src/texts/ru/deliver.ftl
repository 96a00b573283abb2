# Что говорит сообщение об объявлении.
deliver-new = 🆕 Новое
deliver-price-down = 📉 Подешевело
deliver-price-up = 📈 Подорожало
deliver-back = 🔁 Снова опубликовано
deliver-edited = ✏️ Изменено
deliver-gone = ⛔ Снято с публикации
deliver-reserved = 🔒 Забронировано
deliver-untitled = Без названия
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
deliver-meanwhile-gone = уже снято
deliver-meanwhile-reserved = уже забронировано
deliver-meanwhile-back = уже снова опубликовано
deliver-meanwhile-cheaper = уже подешевело
deliver-meanwhile-dearer = уже подорожало
deliver-floor = { $floor } этаж
deliver-mileage = { $run } км
deliver-edited-line = { $field }: { $before } → { $now }
deliver-field-title = Название
deliver-field-location = Место
deliver-field-area = Площадь
deliver-field-rooms = Комнаты
deliver-field-seller = Продавец
deliver-button-save = ⭐ Сохранить
deliver-button-history = 📈 История
deliver-button-mute = 🔕 Не сообщать
deliver-button-why = ❓ Почему
deliver-button-hide = 🙈 Скрыть продавца
deliver-sold = 🤝 Продано
deliver-let = 🔑 Сдано
deliver-meanwhile-sold = уже продано
deliver-meanwhile-let = уже сдано
