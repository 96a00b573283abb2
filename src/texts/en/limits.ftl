### What a person hears who asks too much at once.

limits-messages = You write faster than I can read. Please try again in { $wait }.
limits-operations = That was a lot at once. Please try again in { $wait }.
limits-payments = You have begun many payments just now. Please try again in { $wait }.
limits-support = There were many messages in a short time, and this one was not passed on. What came before is kept. Please send it again in { $wait }.
limits-searches = You have made very many searches today. Please make the next one in { $wait }.

limits-wait-seconds =
    { $count ->
        [one] { $count } second
       *[other] { $count } seconds
    }
limits-wait-minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
limits-wait-hours =
    { $count ->
        [one] { $count } hour
       *[other] { $count } hours
    }

limits-checkout-unknown = This invoice is not valid any more, or it was made for somebody else. Nothing was charged. /subscribe shows what you can buy.
