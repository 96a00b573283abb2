### A new watch, step by step, and of a pasted address.

wizard-head = ➕ New search
wizard-back = ‹ Back
wizard-cancel = ✖️ Cancel
wizard-out-of-date = That step is over. Here is where we are.
wizard-saved-already = This is saved already, or was given up. /watches shows what you watch.
wizard-nothing-offered = Open a site that you like in the browser, search there for what you want, copy the address of the results and send it to me. I will watch it for you.

wizard-site = Where shall I look? You can also send me the address of a search from your browser.
wizard-all-sites = All sites
wizard-kind = What are you looking for?
wizard-all-kinds = Everything
wizard-kind-home = Homes
wizard-kind-classified = Classifieds
wizard-kind-car = Cars
wizard-kind-job = Jobs
wizard-kind-goods = Goods

wizard-place = Where should it be? Write a city, a district or a postcode, several with commas. Or send me a location (📎).
wizard-skip-place = Skip: anywhere
wizard-place-none = I see no name of a place in this.
wizard-radius = How far from there may it be? Press a distance, or write the kilometres.
wizard-km = { $km } km
wizard-radius-none = Write the kilometres as a number, from 0.05 to 1000.

wizard-price = What may it cost? Write for example 500-900, up to 900 or from 500. Without a currency I take { $currency }.
wizard-skip-price = Skip: any price
wizard-price-none = I cannot read this as a price.

wizard-words =
    Which words matter? For example: loft, +balcony, -souterrain

    One of the words without a sign is enough. Those with + must all be there, those with − must not.
wizard-skip-words = Skip: any words
wizard-words-none = I see no words in this.

wizard-telling = How shall I tell you? At present: { $how }.
wizard-told-as-chat = as your settings say ({ $how })
wizard-told-urgent = urgent
wizard-urgent-off = ⚡ Urgent: no
wizard-urgent-on = ⚡ Urgent, also in quiet hours: yes
wizard-skip-telling = Skip: as in my settings

wizard-summary = “{ $title }” — is this right?
wizard-more-searches =
    { $count ->
        [one] … and { $count } more search
       *[other] … and { $count } more searches
    }
wizard-too-many-searches = A search looks at { $most } pages at most, so I leave the others out.
wizard-week =
    { $count ->
        [0] In the last week nothing would have matched.
        [one] In the last week { $count } listing would have matched.
       *[other] In the last week { $count } listings would have matched.
    }
wizard-week-at-least =
    { $count ->
        [one] In the last week at least { $count } listing would have matched.
       *[other] In the last week at least { $count } listings would have matched.
    }
wizard-week-nobody = Nobody has looked at this search yet.
wizard-week-some = I have not looked at some of the pages yet.
wizard-save = ✅ Save
wizard-button-change = Change the filter…
wizard-change = What shall I change?
wizard-edit-place = Place
wizard-edit-price = Price
wizard-edit-words = Words
wizard-edit-telling = How I tell you
wizard-edit-name = Name
wizard-edit-site = Site
wizard-name = What shall I call it? Write a name.

wizard-saved-sample = You watch “{ $title }” now. What is on offer at present comes in a moment; after that I write as soon as something changes.
wizard-saved-later = You watch “{ $title }” now. I show you what there is as soon as I find something, and then I write when something changes.

wizard-paste-too-many = These are too many addresses. One search looks at { $most } at most; please send them in several messages.
wizard-paste-different = These addresses ask for different things that I would have to filter myself. Please send each in a message of its own.
