filter-anything = усі пропозиції
filter-any-value = будь-яке
filter-from = від { $low }
filter-up-to = до { $high }
filter-rooms = { $count ->
   *[other] кімнат: { $range }
}
filter-area = { $range } м²
filter-price-per-m2 = { $range } за м²
filter-seller-private = приватні особи
filter-seller-dealer = компанії
filter-photo = з фото
filter-in = у: { $names }
filter-near = не далі { $km } км від { $point }
filter-inside = в обведеній області
filter-or = або
filter-all-words = є: { $words }
filter-any-words = одне з: { $words }
filter-none-words = без: { $words }
filter-pattern = підходить під /{ $pattern }/
filter-changes = лише: { $kinds }
filter-sites = на { $sites }
filter-known = { $field }: значення має бути відоме
filter-not-known = невідомо
filter-no-words = жодного
filter-pictures = { $count ->
    [one] { $count } фотографія
    [few] { $count } фотографії
   *[other] { $count } фотографій
}

filter-change-new = нове
filter-change-price-down = подешевшало
filter-change-price-up = подорожчало
filter-change-back = знову в продажу
filter-change-edited = змінено
filter-change-gone = знято
filter-change-reserved = заброньовано

filter-field-price = ціна
filter-field-place = місце
filter-field-seller = продавець
filter-field-area = площа
filter-field-rooms = кімнати
filter-field-price-per-m2 = ціна за м²
filter-field-year = рік
filter-field-mileage = пробіг

filter-fault-min-above-max = нижня межа вища за верхню; поміняйте їх місцями
filter-fault-number = напишіть число від 0
filter-fault-empty-range = вкажіть нижню або верхню межу або приберіть цю умову
filter-fault-empty-word = одне зі слів порожнє; приберіть його
filter-fault-long-word = слово задовге; не більше { $value } літер
filter-fault-too-many = забагато; не більше { $value }
filter-fault-contradiction = «{ $value }» і потрібне, і заборонене; залиште його в одному списку
filter-fault-pattern = регулярний вираз не працює: { $value }
filter-fault-expert = позиція { $column }: очікувалося { $expected }, знайдено { $found }
filter-fault-corners = в області від 3 до 100 кутів, а в цій { $value }
filter-fault-radius = радіус від 0.05 до 1000 км, а не { $value }
filter-fault-point = напишіть широту від -90 до 90, потім довготу від -180 до 180
filter-fault-currency = «{ $value }» не валюта; напишіть код, наприклад EUR
filter-fault-field = «{ $value }» у фільтрі не запитується; назвіть поле фільтра
filter-fault-elsewhere = для цього є { $value }
