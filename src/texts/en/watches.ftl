### One watch and what can be done to it.

watch-list-rests = rests
watch-list-muted = muted

watch-state-runs = “{ $title }” runs.
watch-state-paused = “{ $title }” rests: you have paused it.
watch-state-plan = “{ $title }” rests: the limit of your plan has paused it.
watch-state-operator = “{ $title }” rests: the people behind me have paused it.
watch-state-muted = “{ $title }” is muted until { $until }.
watch-state-muted-ever = “{ $title }” is muted.

watch-button-show = Show it
watch-button-pause = Pause
watch-button-resume = Resume
watch-button-mute = Mute
watch-button-rename = Rename
watch-button-copy = Copy
watch-button-delete = Delete

watch-note-paused = “{ $title }” rests
watch-note-resumed = “{ $title }” runs again
watch-note-muted = I am silent about “{ $title }”
watch-note-unmuted = I speak of “{ $title }” again
watch-note-copied = This is the copy, “{ $title }”

watch-mute-ask = How long shall I be silent about “{ $title }”?
watch-mute-hour = 1 hour
watch-mute-day = 1 day
watch-mute-week = 1 week
watch-mute-ever = For ever
watch-mute-off = Not at all

watch-name-ask = What shall I call “{ $title }”? Write its new name.
watch-name-none = That name cannot be shown. Please write another one.
watch-name-taken = It is called “{ $title }” now.

watch-delete-ask = Delete “{ $title }”? What waits to be told of it is forgotten too.
watch-delete-yes = Yes, delete
