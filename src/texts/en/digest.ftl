### A collection of alerts in one message.

digest-head = { $count ->
    [one] 🗞 { $count } offer for you
   *[other] 🗞 { $count } offers for you
}
digest-more = { $count ->
    [one] and { $count } more
   *[other] and { $count } more
}
digest-gone = no longer on offer
digest-was = was
