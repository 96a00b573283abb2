### The panel of operators: figures, people, plans.

panel-home = 🛠 Panel
panel-home-ask = What do you want to see?
panel-button-home = ‹ Panel
panel-button-figures = 📊 Figures
panel-button-people = 👥 People
panel-button-plans = ⭐ Plans
panel-button-sites = 🌐 Sites
panel-button-broadcast = 📣 Broadcast
panel-button-orders = 🧾 Orders
panel-button-chart = 📈 Chart
panel-button-chart-dark = 🌙 Chart
panel-button-again = 🔄 Again
panel-unknown = unknown
panel-private-only = The panel opens in a private chat with me.

panel-figures-head = 📊 Figures · { $moment }
panel-figures-people = 👥 People: { $count }
panel-figures-new = New: { $spans }
panel-figures-active = Active: { $today } today ({ $yesterday } yesterday) · { $week } in 7 days ({ $weekdelta })
panel-figures-watches = 🔎 Watches: { $count }, { $running } of them run
panel-figures-paying = ⭐ Paying: { $paying } · trial or gift: { $trying }
panel-figures-no-revenue = 💶 Revenue: none in 60 days
panel-figures-revenue = 💶 Revenue: { $spans }
panel-figures-cohort = 🧭 { $met } came in 30 days: { $watching }% watch, { $tried }% tried a plan, { $paid }% paid
panel-figures-cohort-before = In the 30 days before: { $met } came, { $watching }% watch, { $tried }% tried a plan, { $paid }% paid
panel-figures-sent = 📬 Sent: { $spans }
panel-figures-waiting = Waiting: { $count }
panel-figures-dead = Dead: { $count } ({ $today } today, { $week } in 7 days)
panel-figures-unknown = Unknown: { $count } ({ $today } today, { $week } in 7 days)
panel-figures-sites = 🌐 Sites: { $good } good, { $ill } ill, { $quarantined } quarantined
panel-spans = { $today } today ({ $yesterday } yesterday) · { $week } in 7 days ({ $weekdelta }) · { $month } in 30 days ({ $monthdelta })

panel-board-caption = 📈 { $from } – { $to }
panel-board-new = New people
panel-board-active = Active people, day by day
panel-board-sent = Messages sent
panel-board-revenue = Revenue
panel-board-drawing = The picture is on its way

panel-find-ask = Whom do you look for? Write an id, a @name or a part of the name.
panel-find-again = 🔎 Another search
panel-find-none = I know nobody like “{ $words }”. Write another id, @name or part of the name.
panel-find-found = { $count ->
    [one] { $count } person fits “{ $words }”.
   *[other] { $count } people fit “{ $words }”.
}
panel-find-more = These were seen last:

panel-nobody = I know nobody with this id.
panel-nameless = without a name
panel-card-head = 👤 { $name }
panel-card-id = Id { $id } · language: { $language }
panel-card-since = Since { $since } · last seen { $seen }
panel-card-plan = ⭐ { $title } until { $until }
panel-card-plan-over = ⭐ { $title }, over since { $until }
panel-card-no-plan = ⭐ No plan
panel-card-balance = 💰 Balance: { $amount }
panel-card-watches = 🔎 Watches: { $count }, { $running } of them run
panel-card-deliveries = 📬 In 7 days: { $sent } sent, { $dead } dead, { $unknown } unknown · waiting: { $waiting }
panel-card-tickets = 💬 Tickets: { $count }, { $open } of them open
panel-card-banned = 🚫 Banned
panel-card-unreachable = 🔕 The private chat cannot be written to.
panel-card-stuck = ⏳ A conversation is under way.
panel-button-card = ‹ { $name }
panel-button-grant = 🎁 Give days
panel-button-message = ✉️ Write
panel-button-ban = 🚫 Ban
panel-button-unban = ✅ Let in again
panel-button-reset = ♻️ Reset conversation
panel-button-see-watches = 👁 Searches
panel-button-see-settings = 👁 Settings
panel-button-see-plan = 👁 Plan
panel-eyes-head = 👁 This is what { $name } sees. The buttons are left out.

panel-grant-plan = Of which plan shall { $name } get days?
panel-grant-no-plans = There is no plan that could be given.
panel-grant-days = How many days of “{ $title }” for { $name }? Press a button or write a number from 1 to 3650.
panel-grant-number = That is no number from 1 to 3650. Write another one.
panel-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
panel-message-ask = What shall I tell { $name }? Write it in one message of at most { $limit } characters.
panel-message-long = That is too long: at most { $limit } characters. Write it shorter.
panel-message-head = 📨 A word from the team:

panel-reset-none = No conversation is under way.
panel-sure-yes = ⚠️ Yes: { $what }
panel-sure-no = ‹ No
panel-sure-note = The button works for 5 minutes.
panel-sure-over = This button is out of date. Nothing was done.
panel-sure-changed = This has changed meanwhile, so nothing was done. Look at it again.
panel-sure-ban = Ban { $name } (id { $id })? I will answer them no more and tell them nothing.
panel-sure-unban = Let { $name } (id { $id }) in again?
panel-sure-reset = { $count ->
    [one] End { $count } conversation of { $name } (id { $id })? Their next word begins anew.
   *[other] End { $count } conversations of { $name } (id { $id })? Their next word begins anew.
}
panel-sure-grant = Give { $name } (id { $id }) { $days } of “{ $title }”? It would hold until { $until }.
panel-sure-message = Send this to { $name } (id { $id })?
panel-do-ban = ban
panel-do-unban = let in
panel-do-reset = reset
panel-do-grant = give
panel-do-message = send
panel-done-ban = 🚫 { $name } is banned.
panel-done-unban = ✅ { $name } may come in again.
panel-done-reset = ♻️ The conversations of { $name } begin anew.
panel-done-grant = 🎁 { $name } has { $days } more of “{ $title }”, until { $until }.
panel-done-message = ✉️ The message to { $name } is on its way.
panel-given = 🎁 You were given { $days } of “{ $title }”. It holds until { $until }.

panel-plans-head = ⭐ Plans. Press one to see or change it:
panel-plans-none = There are no plans.
panel-plan-head = ⭐ { $title } ({ $id })
panel-plan-names = Names: { $names }
panel-plan-price = Price: { $prices }
panel-plan-days = Time: { $days }
panel-plan-endless = Time: without end
panel-plan-terms = Limits: { $terms }
panel-plan-offered = It is offered.
panel-plan-rests = It is not offered.
panel-plan-nothing = none
panel-button-plan = ‹ { $title }
panel-button-plan-name = ✏️ Name
panel-button-plan-price = 💶 Price
panel-button-plan-days = 🗓 Time
panel-button-plan-terms = 📏 Limits
panel-button-plan-stop = ⏸ Offer no longer
panel-button-plan-offer = ▶️ Offer
panel-plan-ask-name = Write another name for “{ $title }”, as people of your language shall read it.
panel-plan-ask-price = Write a price of “{ $title }” with its currency, such as 4.99 USD or 350 XTR (Stars). 0 USD takes the price in this currency away.
panel-plan-ask-days = Write for how many days “{ $title }” is sold at once.
panel-plan-ask-terms = Write a limit of “{ $title }” and its value, such as “watches 30”; 0 is without limit, “watches -” states nothing. Limits: { $keys }.
panel-plan-bad = That does not fit: { $problem }. Write it otherwise.
panel-plan-unreadable = I cannot read it
panel-plan-same = That is how it is already. Write another value.
panel-plan-gone = There is no such plan any more.
panel-sure-plan = Change “{ $title }”?
    Before: { $before }
    After: { $after }
    What was bought stays as it was bought.
panel-do-plan = change
panel-done-plan = ⭐ “{ $title }” is changed: { $after }
