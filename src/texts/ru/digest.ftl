### A collection of alerts in one message.

digest-head = { $count ->
    [one] 🗞 { $count } объявление для вас
    [few] 🗞 { $count } объявления для вас
   *[many] 🗞 { $count } объявлений для вас
}
digest-more = { $count ->
    [one] и ещё { $count }
    [few] и ещё { $count }
   *[other] и ещё { $count }
}
digest-gone = больше не предлагается
digest-was = было
