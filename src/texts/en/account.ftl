### Plans, balance, trial, promo codes, invitations.

account-free = Free
account-have = Your plan: { $plan }
account-have-until = Your plan: { $plan } until { $date }
account-have-it = You have it until { $date }; more days are added to that.
account-balance = Balance: { $money }
account-moves = Last movements:
account-moves-none = Nothing has moved yet.
account-in-private = Plans and balance are between you and me. Write to me alone.

account-offer = { $plan } — { $prices } for { $days }
account-nothing-sold = There is nothing to buy at the moment.
account-not-offered = This plan is not offered any more.
account-days =
    { $count ->
        [one] { $count } day
       *[other] { $count } days
    }

account-term = • { $what }
account-term-instead = • { $what } (you have: { $has })
account-term-watches =
    { $count ->
        [one] { $count } watch
       *[other] { $count } watches
    }
account-term-watches-all = watches without limit
account-term-sources =
    { $count ->
        [one] { $count } search page
       *[other] { $count } different search pages
    }
account-term-sources-all = search pages without limit
account-term-seconds =
    { $count ->
        [one] a look every second
       *[other] a look every { $count } seconds
    }
account-term-minutes =
    { $count ->
        [1] a look every minute
       *[other] a look every { $count } minutes
    }
account-term-hours =
    { $count ->
        [1] a look every hour
       *[other] a look every { $count } hours
    }
account-term-alerts =
    { $count ->
        [one] { $count } message a day
       *[other] { $count } messages a day
    }
account-term-alerts-all = messages without limit
account-term-at-once = told at once
account-term-delay =
    { $count ->
        [one] told { $count } minute later
       *[other] told { $count } minutes later
    }
account-term-history =
    { $count ->
        [one] prices of { $count } day
       *[other] prices of { $count } days
    }
account-term-history-all = prices of all time
account-term-map = a radius on the map
account-term-charts = charts of prices
account-term-export = files with your watches and prices

account-pay-none = Paying by card, Stars or crypto is not set up here yet. A promo code or your balance can pay.
account-pay-balance-only = You can pay from your balance. Other ways to pay are not set up here yet.
account-confirm = { $plan } for { $days } at { $price } from your balance? { $left } will remain there, and you will have it until { $date }.
account-paid = Thank you! “{ $plan }” is yours until { $date }.
account-paid-now = Paid
account-paid-already = This is paid already
account-short = Your balance is not enough for that
account-order-gone = This order is no longer open. Choose again, please.

account-trial-begun = Your trial has begun: “{ $plan }” until { $date }. It costs nothing and ends by itself.
account-trial-now = The trial has begun
account-trial-used = The trial is there once, for people without a plan
account-trial-offer = There is no room for more in your plan. You can try “{ $plan }” for { $days }, for nothing; it ends by itself:
account-no-room = There is no room for more in your plan. A larger one has it; who has not had the trial yet can begin there:
account-trial-ending = Your trial “{ $plan }” ends on { $date }. Then the free plan holds again: what is above its limits rests, and nothing is lost. /subscribe shows the plans.
account-trial-over = Your trial “{ $plan }” is over, and the free plan holds again. Nothing of your watches is lost. /subscribe shows the plans.
account-ending = Your plan “{ $plan }” ends on { $date }. /subscribe extends it: new days are added to those that are left.
account-over = Your plan “{ $plan }” is over, and the free plan holds again. Nothing of your watches is lost: they go on as soon as you extend it with /subscribe.

account-promo-how = Send me /promo and the code, for example: /promo SPRING
account-promo-wrong = This code cannot be used: it is unknown, over, used up, or meant for others. Please look whether it is spelt right.
account-promo-days = The code works: “{ $plan }” for { $days }. You have it until { $date }.
account-promo-credit = The code works: { $money } are on your balance.

account-invite = Your link for friends: { $link }
account-invite-watch =
    { $count ->
        [one] When somebody new who came by it keeps a watch for a day, you get { $you } and they get { $they } on the balance, for { $count } friend in 30 days.
       *[other] When somebody new who came by it keeps a watch for a day, you get { $you } and they get { $they } on the balance, for at most { $count } friends in 30 days.
    }
account-invite-payment =
    { $count ->
        [one] When somebody new who came by it pays for the first time, you get { $you } and they get { $they } on the balance, for { $count } friend in 30 days.
       *[other] When somebody new who came by it pays for the first time, you get { $you } and they get { $they } on the balance, for at most { $count } friends in 30 days.
    }
account-invited = Came: { $came }. Credited: { $rewarded } ({ $money }).
account-rewarded = Thank you for inviting! Your friend has settled in, and { $money } are on your balance. /balance shows it.
account-welcomed = You came by a friend's invitation, so { $money } are on your balance. /balance shows it.

account-kind-purchase = bought
account-kind-refund = given back
account-kind-bonus = bonus
account-kind-adjustment = put right
account-kind-recharge = topped up
account-kind-trial = trial
account-kind-promo = promo code
account-kind-referral = invitation

account-button-plans = Plans
account-button-balance = Balance
account-button-promo = Promo code
account-button-invite = Invite friends
account-button-share = Share
account-button-trial = Try { $days } free
account-button-from-balance = Pay { $price } from the balance
account-button-yes = Yes, pay { $price }
account-button-no = No
account-button-back = ‹ Plans
account-button-private = Open the chat

account-terms-of-use =
    What we agree on:

    • I look at public pages of other websites and tell you what I find there. The offers are theirs: look at the page before you decide anything.
    • I try to be quick and complete, but sites change and fail, so nothing of it is guaranteed.
    • A plan holds for the days that you bought and ends by itself. What you bought stays as you bought it, even when the plan changes.
    • The trial and bonuses are there once for each person. Bonuses pay for plans here and are not paid out.
    • I keep your watches, settings, messages to support and payments, as long as they are needed for the service.

    Questions about a payment: /paysupport
account-paysupport =
    Is something wrong with a payment? Write here what happened: when, how much and how you paid. A person reads it and answers in this chat.

    /balance shows all movements. Support of Telegram cannot help with purchases from this bot.
