# Days and spans of time.
dates-today = сегодня
dates-yesterday = вчера
dates-tomorrow = завтра
dates-just-now = только что
# $span: a span of time as the sentences below say it
dates-ago = { $span } назад
dates-minutes = { $count ->
    [one] { $count } минута
    [few] { $count } минуты
   *[other] { $count } минут
}
dates-hours = { $count ->
    [one] { $count } час
    [few] { $count } часа
   *[other] { $count } часов
}
dates-days = { $count ->
    [one] { $count } день
    [few] { $count } дня
   *[other] { $count } дней
}
dates-weeks = { $count ->
    [one] { $count } неделя
    [few] { $count } недели
   *[other] { $count } недель
}
dates-minutes-ago = { $count ->
    [one] { $count } минуту
    [few] { $count } минуты
   *[other] { $count } минут
}
dates-hours-ago = { $count ->
    [one] { $count } час
    [few] { $count } часа
   *[other] { $count } часов
}
dates-days-ago = { $count ->
    [one] { $count } день
    [few] { $count } дня
   *[other] { $count } дней
}
dates-weeks-ago = { $count ->
    [one] { $count } неделю
    [few] { $count } недели
   *[other] { $count } недель
}
