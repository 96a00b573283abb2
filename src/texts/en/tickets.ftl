### Support: what people and staff read. Keys with `word` and `header` go to staff.

ticket-ask =
    This is support. Perhaps your question is answered here; if not, write to us and a person will read it.
ticket-ask-open =
    Your conversation #{ $number } with support is open. Whatever you write here is added to it.
ticket-faq-search = How do I make a search?
ticket-faq-search-answer =
    Send me the address of a search page of a site, or press /new and answer the questions: site, kind, place, price, words. I show you what fits, and from then on I tell you what is new, cheaper or gone. /watches lists your searches.
ticket-faq-silence = Why was I not told?
ticket-faq-silence-answer =
    Usually for one of these reasons: the search or everything is muted, it is a quiet hour or a digest collects (see /settings), the price or the words of your filter leave the listing out, or your plan lets the search rest. Under each alert, “Why” says why it came; /watches shows what is paused.
ticket-faq-pay = How do I pay?
ticket-faq-pay-answer =
    /subscribe shows the plans and the ways to pay. The plan begins as soon as the payment has arrived, usually within a minute. /balance shows what you have, /paysupport is for trouble with a payment.
ticket-faq-stop = How do I stop?
ticket-faq-stop-answer =
    /watches: press a search to pause, mute or delete it. /settings mutes everything for a while. If you block me I write nothing any more; /start brings everything back.
ticket-button-write = ✍️ Write to us
ticket-button-back = ‹ Questions
ticket-button-close = Close
ticket-button-reopen = Reopen
ticket-button-helped = 👍 It helped
ticket-button-cancel = Cancel

ticket-write = Write what it is about: words, photos, voice messages or files, in as many messages as you like.
ticket-kept = Thank you, your message is kept as #{ $number }. A person will read it and answer here.
ticket-added = Added to #{ $number }.

ticket-closed = Your conversation #{ $number } is closed. Write again whenever you need us.
ticket-closed-by-staff = Support has closed your conversation #{ $number }. Did it help?
ticket-closed-already = #{ $number } is closed already
ticket-reopened = #{ $number } is open again. Write what is still missing.
ticket-open-already = #{ $number } is open already
ticket-open-other = Your conversation #{ $number } is open: write there
ticket-helped = Thank you! Conversation #{ $number } is closed.
ticket-helped-now = Glad to hear that
ticket-gone = This conversation is no longer there
ticket-staff-only = Only support can do that

ticket-staff-close = Close
ticket-staff-canned = Canned answers
ticket-staff-who = Who is this?
ticket-staff-reply = Reply
ticket-staff-send = Send
ticket-staff-closed = Closed
ticket-staff-noted = Noted for staff: { $text }
ticket-staff-note-empty = Write the note behind the command: /note he pays by card.
ticket-staff-canned-none = There are no canned answers. An operator makes one with “magpie ticket canned set”.
ticket-staff-canned-unknown = There is no canned answer “{ $name }”.
ticket-staff-canned-choose = Which answer for { $name }?
ticket-staff-canned-preview =
    “{ $name }” for #{ $number } ({ $language }):

    { $text }
ticket-staff-sent = Sent to #{ $number }.
ticket-staff-sent-now = Sent
ticket-staff-write = Write your answer to { $name } (#{ $number }). The next message goes there.

ticket-header-id = id { $id }
ticket-header-since = here since { $day }
ticket-header-plans = Plan: { $list }
ticket-header-plan = { $plan } until { $day }
ticket-header-orders = Orders: { $list }
ticket-header-watches = Searches ({ $count }): { $list }
ticket-header-paused = { $name } (paused)
ticket-header-failures = Not delivered: { $list }
ticket-header-earlier = Earlier conversations: { $count }

ticket-word-edited = ✏️ edited: { $text }
ticket-word-closed = { $number } was closed by { $by }.
ticket-word-closed-person = { $number } was closed by the person.
ticket-word-reopened = { $number } was opened again by { $by }.
ticket-word-reopened-person = { $number } was opened again by the person.
ticket-word-helped = 👍 { $number }: the person says that it helped.
ticket-word-late =
    { $hours ->
        [one] ⏰ { $number } has waited for an answer for { $hours } hour.
       *[other] ⏰ { $number } has waited for an answer for { $hours } hours.
    }
ticket-word-unreachable = ⚠️ The person cannot be reached: the bot is blocked or the account is gone.
ticket-word-undelivered = ⚠️ The answer did not arrive: { $reason }
ticket-word-answered =
    { $number }, answered by { $by }:
    { $text }
ticket-uncopied = (This message cannot be copied; its words:) { $text }
