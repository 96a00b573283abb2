### A collection of alerts in one message.

digest-head = { $count ->
    [one] 🗞 { $count } оголошення для вас
    [few] 🗞 { $count } оголошення для вас
   *[many] 🗞 { $count } оголошень для вас
}
digest-more = { $count ->
    [one] і ще { $count }
    [few] і ще { $count }
   *[other] і ще { $count }
}
digest-gone = більше не пропонується
digest-was = було
