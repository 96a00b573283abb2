filter-anything = все предложения
filter-any-value = любое
filter-from = от { $low }
filter-up-to = до { $high }
filter-rooms = { $count ->
   *[other] комнат: { $range }
}
filter-area = { $range } м²
filter-price-per-m2 = { $range } за м²
filter-seller-private = частные лица
filter-seller-dealer = компании
filter-photo = с фото
filter-in = в: { $names }
filter-near = не дальше { $km } км от { $point }
filter-inside = в обведённой области
filter-or = или
filter-all-words = есть: { $words }
filter-any-words = одно из: { $words }
filter-none-words = без: { $words }
filter-pattern = подходит под /{ $pattern }/
filter-changes = только: { $kinds }
filter-sites = на { $sites }
filter-known = { $field }: значение должно быть известно
filter-not-known = неизвестно
filter-no-words = ни одного
filter-pictures = { $count ->
    [one] { $count } фотография
    [few] { $count } фотографии
   *[other] { $count } фотографий
}

filter-change-new = новое
filter-change-price-down = подешевело
filter-change-price-up = подорожало
filter-change-back = снова в продаже
filter-change-edited = изменено
filter-change-gone = снято
filter-change-reserved = забронировано

filter-field-price = цена
filter-field-place = место
filter-field-seller = продавец
filter-field-area = площадь
filter-field-rooms = комнаты
filter-field-price-per-m2 = цена за м²
filter-field-year = год
filter-field-mileage = пробег

filter-fault-min-above-max = нижняя граница выше верхней; поменяйте их местами
filter-fault-number = напишите число от 0
filter-fault-empty-range = укажите нижнюю или верхнюю границу или уберите это условие
filter-fault-empty-word = одно из слов пустое; уберите его
filter-fault-long-word = слово слишком длинное; не больше { $value } букв
filter-fault-too-many = слишком много; не больше { $value }
filter-fault-contradiction = «{ $value }» и нужно, и нельзя; оставьте его в одном списке
filter-fault-pattern = регулярное выражение не работает: { $value }
filter-fault-expert = позиция { $column }: ожидалось { $expected }, найдено { $found }
filter-fault-corners = у области от 3 до 100 углов, а у этой { $value }
filter-fault-radius = радиус от 0.05 до 1000 км, а не { $value }
filter-fault-point = напишите широту от -90 до 90, потом долготу от -180 до 180
filter-fault-currency = «{ $value }» не валюта; напишите код, например EUR
filter-fault-field = «{ $value }» в фильтре не спрашивается; назовите поле фильтра
filter-fault-elsewhere = для этого есть { $value }
