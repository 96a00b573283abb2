# Days and spans of time.
dates-today = сьогодні
dates-yesterday = вчора
dates-tomorrow = завтра
dates-just-now = щойно
# $span: a span of time as the sentences below say it
dates-ago = { $span } тому
dates-minutes = { $count ->
    [one] { $count } хвилина
    [few] { $count } хвилини
   *[other] { $count } хвилин
}
dates-hours = { $count ->
    [one] { $count } година
    [few] { $count } години
   *[other] { $count } годин
}
dates-days = { $count ->
    [one] { $count } день
    [few] { $count } дні
   *[other] { $count } днів
}
dates-weeks = { $count ->
    [one] { $count } тиждень
    [few] { $count } тижні
   *[other] { $count } тижнів
}
dates-minutes-ago = { $count ->
    [one] { $count } хвилину
    [few] { $count } хвилини
   *[other] { $count } хвилин
}
dates-hours-ago = { $count ->
    [one] { $count } годину
    [few] { $count } години
   *[other] { $count } годин
}
dates-days-ago = { $count ->
    [one] { $count } день
    [few] { $count } дні
   *[other] { $count } днів
}
dates-weeks-ago = { $count ->
    [one] { $count } тиждень
    [few] { $count } тижні
   *[other] { $count } тижнів
}
