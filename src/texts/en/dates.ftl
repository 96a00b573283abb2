# Days and spans of time.
dates-today = today
dates-yesterday = yesterday
dates-tomorrow = tomorrow
dates-just-now = just now
# $span: a span of time as the sentences below say it
dates-ago = { $span } ago
dates-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
dates-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
dates-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
dates-weeks = { $count ->
    [one] { $count } week
   *[other] { $count } weeks
}
dates-minutes-ago = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
dates-hours-ago = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
dates-days-ago = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
dates-weeks-ago = { $count ->
    [one] { $count } week
   *[other] { $count } weeks
}
