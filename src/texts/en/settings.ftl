### How a chat wants to be told.

settings-head = ⚙️ Settings
settings-language = 🌐 Language
settings-quiet = 🌙 Quiet hours
settings-zone = 🕐 Time zone
settings-digest = 🗞 Collected
settings-cap = 🚦 At most an hour
settings-pictures = 🖼 Pictures
settings-replies = 💬 Reply when a price moves
settings-back = ‹ Settings
settings-saved = Saved
settings-yes = yes
settings-no = no
settings-none = none

settings-quiet-ask = In quiet hours I tell nothing; it comes when they end. Which hours?
settings-zone-ask = By whose clock do you mean your hours?
settings-zone-type = Write your city, a time zone such as Europe/Kyiv, or UTC+2.
settings-zone-unknown = I do not know such a city or time zone. Write another one, for example Berlin or UTC+2, or choose from the list.
settings-zone-now = Times are meant by the clock of { $zone } from now on. It is { $time } there.
settings-zone-write = ✏️ Write it
settings-zone-list = Choose from the list
settings-europe = Europe
settings-asia = Asia
settings-america = America
settings-elsewhere = Elsewhere

settings-digest-ask = I can collect what is new and tell it in one message. When?
settings-digest-off = each at once
settings-digest-hourly = every hour
settings-digest-daily = daily at { $time }
settings-digest-weekly = { $day } at { $time }
settings-monday = Mondays
settings-tuesday = Tuesdays
settings-wednesday = Wednesdays
settings-thursday = Thursdays
settings-friday = Fridays
settings-saturday = Saturdays
settings-sunday = Sundays

settings-cap-ask = How many messages an hour at most? The rest comes in one message at the end of the hour.
settings-pictures-ask = Which pictures shall I show?
settings-pictures-one = the first one
settings-pictures-album = an album
settings-pictures-none = no pictures

settings-mute = 🔇 Mute everything
settings-mute-ask = For how long shall I be silent? What happens meanwhile is not told later.
settings-mute-hour = for an hour
settings-mute-day = for a day
settings-mute-week = for a week
settings-mute-off = not at all
settings-mute-until = until { $time }
settings-mute-ever = for ever

