### What operators see and do about sites, broadcasts, orders and the service.

operate-span-seconds = { $count } s
operate-span-minutes = { $count } min
operate-span-hours = { $count } h
operate-span-days = { $count } d
operate-refresh = 🔄 Refresh
operate-back = Back
operate-cancel = Cancel
operate-run = ▶️ Run now
operate-run-now = It is due now
operate-pause = ⏸ Pause
operate-resume = ▶️ Let it go on
operate-paused-now = Paused
operate-resumed-now = It goes on

operate-sites = Sites: { $count }
operate-sites-none = No site has searches yet.
operate-all-sites = All sites
operate-site-searches =
    { $count ->
        [one] { $count } search
       *[other] { $count } searches
    }
operate-site-failing = { $count } failing
operate-site-paused-many = { $count } paused
operate-site-quarantined = in quarantine
operate-site-read = read { $ago }
operate-site-proposed = 🔧 a repair is proposed
operate-site-gone = This site has no searches any more.
operate-site-watching = The module had a fault { $since } ago; it is being watched.
operate-site-recovering = The module is recovering for { $since }.
operate-site-in-quarantine = In quarantine for { $since }; the next trial in { $next }.
operate-site-figures = Searches: { $all }, paused { $paused }, failing { $failing }
operate-site-runs = Runs in the last day: { $runs }, { $rate }% of them good
operate-site-no-runs = No runs in the last day
operate-site-last-good = Last good run: { $ago }
operate-site-pace = { $host }: every { $gap }, answers in { $answer } ms
operate-site-held = ; left alone for { $left }: { $why }
operate-site-failures = Last failures:
operate-site-sources = Searches
operate-site-pause = ⏸ Pause all
operate-site-resume = ▶️ Let all go on
operate-site-quarantine = 🚧 Put the module aside
operate-site-release = ✅ Release the module
operate-site-ask-pause =
    { $count ->
        [one] Pause the search of { $site }? Nobody hears of it until it goes on.
       *[other] Pause all { $count } searches of { $site }? Nobody hears of them until they go on.
    }
operate-site-yes-pause = Yes, pause
operate-site-ask-quarantine =
    { $count ->
        [one] Put the module of { $site } aside? Its search rests; every six hours it is tried.
       *[other] Put the module of { $site } aside? Its { $count } searches rest; every six hours one of them is tried.
    }
operate-site-yes-quarantine = Yes, put it aside
operate-site-quarantined-now = In quarantine
operate-site-released-now = Released

operate-sources = Searches of { $site }:
operate-source-gone = This search is gone.
operate-source-paused = Paused; it would run every { $every }
operate-source-next = Every { $every }; the next run in { $next }
operate-source-due = Every { $every }; it is due now
operate-source-no-runs = It has not run yet
operate-source-runs = Last runs: { $runs }
operate-source-watchers =
    { $count ->
        [one] Watched by { $count } person
       *[other] Watched by { $count } people
    }
operate-source-items = Listings in the last good run: { $count }
operate-source-error = Last complaint: { $error }

operate-proposal = 🔧 Proposed repair
operate-proposal-head = Proposed repair of { $site }, version { $version }
operate-proposal-lost = Not on the page any more: { $fields }
operate-proposal-replay = Read again with equal values: { $found } of { $of } known listings
operate-proposal-cases = Saved cases that read as before: { $count }
operate-proposal-shadow = In shadow: { $of } listings, { $found } of them known
operate-proposal-approve = ✅ Approve
operate-proposal-reject = ❌ Reject
operate-proposal-ask-approve = Put version { $version } of { $site } in force? All searches of the site run with it at once.
operate-proposal-yes-approve = Yes, approve
operate-proposal-ask-reject = Reject version { $version } of { $site }? The same will not be proposed again.
operate-proposal-yes-reject = Yes, reject
operate-proposal-approved = It is in force; the searches of the site run now.
operate-proposal-rejected = It is rejected.
operate-proposal-none = Nothing is proposed for this site.
operate-proposal-none-now = It was decided already
operate-proposal-stale = The module has changed since this repair was derived from it, or the repair cannot be read. Reject it: the next run that fails makes a new one.

operate-casts = Broadcasts:
operate-casts-none = No broadcasts yet.
operate-casts-all = All broadcasts
operate-cast-new = ➕ New broadcast
operate-cast-gone = This broadcast is gone.
operate-cast-begun = It has begun already
operate-cast-untitled = A message without words
operate-cast-head = 📣 “{ $title }”: { $state }
operate-cast-draft = a draft
operate-cast-waits = waits for its moment
operate-cast-freezing = its readers are being written down
operate-cast-running = on its way
operate-cast-stopped = stopped
operate-cast-done = done
operate-cast-sent = Sent: { $sent } of { $all }
operate-cast-refused = Refused or blocked: { $count }
operate-cast-unknown = Unknown: { $count }
operate-cast-dead = Failed: { $count }
operate-cast-left = Left: { $count }
operate-cast-pace = { $rate }/s, about { $span } more
operate-cast-from = Not before { $at }
operate-cast-stop = ⏹ Stop
operate-cast-go-on = ▶️ Go on
operate-cast-preview = 👁 Preview
operate-cast-previewed = Like this
operate-cast-messages = Message: { $languages }
operate-cast-for-everybody = one for everybody
operate-cast-for-others = all others
operate-cast-album =
    { $count ->
        [one] an album of { $count }
       *[other] an album of { $count }
    }
operate-cast-buttons = Buttons: { $labels }
operate-cast-readers = For: { $whom }, { $count }
operate-cast-audience = 👥 Readers
operate-cast-everybody = everybody
operate-cast-by-language = by language
operate-cast-with-plan = with a plan
operate-cast-without-plan = without a plan
operate-cast-active = active in 30 days
operate-cast-some = as written on the command line
operate-cast-whom-language = those who read { $languages }
operate-cast-ask-audience = Whom is it for?
operate-cast-change = ✏️ Change the message
operate-cast-add-ru = ➕ Russian
operate-cast-add-uk = ➕ Ukrainian
operate-cast-change-ru = ✏️ Russian
operate-cast-change-uk = ✏️ Ukrainian
operate-cast-add-buttons = ➕ Add a button
operate-cast-no-buttons = No buttons
operate-cast-send = 🚀 Send now
operate-cast-later = 🕒 Send later
operate-cast-forget = 🗑 Delete
operate-cast-ask-forget = Delete the draft “{ $title }”?
operate-cast-yes-forget = Yes, delete
operate-cast-forgotten = The draft is deleted.
operate-cast-ask-message = Send me the message: text, a picture, a video, a file or an album. It goes out exactly as you send it, without your name.
operate-cast-ask-message-ru = Send me the message for those who read Russian.
operate-cast-ask-message-uk = Send me the message for those who read Ukrainian.
operate-cast-ask-languages = That is the message. Is it for readers of every language?
operate-cast-only-this = Only this
operate-cast-ask-buttons = Send me the buttons, at most four, one on each line: the words, then the address. For example: Open the site https://example.org
operate-cast-bad-buttons = I cannot read that as buttons. Each line has words and then an address that begins with https://
operate-cast-ask-moment = When? Type a time such as 18:30, 24.12 09:00 or 2026-12-24 09:00.
operate-cast-bad-moment = That is no moment ahead. Type a time such as 18:30, 24.12 09:00 or 2026-12-24 09:00.
operate-cast-zone = Time zone: { $zone } (see /settings).
operate-cast-ask-now =
    { $people ->
        [one] “{ $title }” goes to exactly { $count } person at once. It cannot be taken back.
       *[other] “{ $title }” goes to exactly { $count } people at once. It cannot be taken back.
    }
operate-cast-ask-later =
    { $people ->
        [one] “{ $title }” goes to exactly { $count } person, not before { $at }.
       *[other] “{ $title }” goes to exactly { $count } people, not before { $at }.
    }
operate-cast-yes = Yes, send to { $count }
operate-cast-nobody = Nobody would get it: choose other readers.
operate-cast-other-count = The number of readers has changed: look again
operate-cast-started-now = On its way
operate-cast-stopped-now = Stopped
operate-cast-stopped-already = It does not run

operate-orders = Orders: { $count }
operate-orders-none = No orders yet.
operate-orders-all = All orders
operate-orders-tell = 🔔 Tell me of each order
operate-orders-untell = 🔕 Do not tell me of orders
operate-orders-told-now = You hear of each order from now on
operate-orders-untold-now = You hear of orders no more
operate-order-pending = pending
operate-order-paid = paid
operate-order-expired = expired
operate-order-cancelled = cancelled
operate-order-refunded = refunded
operate-order-failed = failed
operate-order-review = in review

operate-debug-head = Magpie { $version }, up { $up }, { $mode }
operate-debug-pending = Updates that wait at Telegram: { $count }
operate-debug-complaint = Telegram complains: { $error }
operate-debug-database = Database: { $answer }
operate-debug-seen = Fast filter: { $answer }
operate-debug-telegram = Telegram: { $answer }
operate-debug-millis = { $count } ms
operate-debug-memory = Memory: { $count } MB
operate-debug-measured = Measured { $ago }
operate-debug-process = Process { $role } ({ $pid }): up { $up }
operate-debug-outbox = Outbox: { $waiting } waiting, { $sending } under way, { $unknown } unknown, { $dead } dead, { $dropped } dropped
operate-debug-oldest = The oldest that could go waits for { $span }
operate-debug-rate = Sent in the last minute: { $count }
operate-debug-sources = Searches: { $all }, running { $running }, due { $due }, late { $late }, failing { $failing }; sites in quarantine: { $quarantined }
operate-debug-errors = Last errors of this process:
operate-debug-no-errors = No errors in this process.
