# Що каже повідомлення про оголошення.
deliver-new = 🆕 Нове
deliver-price-down = 📉 Подешевшало
deliver-price-up = 📈 Подорожчало
deliver-back = 🔁 Знову опубліковано
deliver-edited = ✏️ Змінено
deliver-gone = ⛔ Знято з публікації
deliver-reserved = 🔒 Заброньовано
deliver-untitled = Без назви
deliver-per-metre = { $price } за м²
deliver-area = { $area } м²
deliver-rooms = { $count ->
    [one] { $number } кімната
    [few] { $number } кімнати
   *[other] { $number } кімнат
}
deliver-rooms-part = { $number } кімнати
deliver-posted = Опубліковано: { $at }
deliver-watches = { $count ->
    [1] Підписка: { $names }
   *[other] Підписки: { $names }
}
deliver-more = і ще { $number }
deliver-open = Відкрити
deliver-meanwhile-gone = вже знято
deliver-meanwhile-reserved = вже заброньовано
deliver-meanwhile-back = вже знову опубліковано
deliver-meanwhile-cheaper = вже подешевшало
deliver-meanwhile-dearer = вже подорожчало
deliver-floor = { $floor } поверх
deliver-mileage = { $run } км
deliver-edited-line = { $field }: { $before } → { $now }
deliver-field-title = Назва
deliver-field-location = Місце
deliver-field-area = Площа
deliver-field-rooms = Кімнати
deliver-field-seller = Продавець
deliver-button-save = ⭐ Зберегти
deliver-button-history = 📈 Історія
deliver-button-mute = 🔕 Не сповіщати
deliver-button-why = ❓ Чому
deliver-button-hide = 🙈 Сховати продавця
deliver-sold = 🤝 Продано
deliver-let = 🔑 Здано
deliver-meanwhile-sold = вже продано
deliver-meanwhile-let = вже здано
