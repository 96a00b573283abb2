# Що каже повідомлення про оголошення.
deliver-new = 🆕 Нове
deliver-price-down = 📉 Подешевшало
deliver-price-up = 📈 Подорожчало
deliver-back = 🔁 Знову опубліковано
deliver-edited = ✏️ Змінено
deliver-gone = ⛔ Знято з публікації
deliver-reserved = 🔒 Зарезервовано
deliver-untitled = Без назви
deliver-was = було
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
