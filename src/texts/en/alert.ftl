### What the buttons under an alert say.

alert-saved-now = Saved. /saved shows what you keep
alert-saved-already = You keep this already. /saved shows it
alert-saved-none = You keep nothing yet. ⭐ Save under an alert keeps its offer here.
alert-saved-list =
    { $count ->
        [one] You keep { $count } offer. Press it to let it go:
       *[other] You keep { $count } offers. Press one to let it go:
    }
alert-saved-gone = gone
alert-saved-let-go = Let go
alert-saved-not-there = You do not keep this
alert-saved-in-private = What you keep is yours: ask me in a private chat.
alert-muted = You will hear no more of “{ $name }” here.
alert-muted-already = You hear no more of “{ $name }” already
alert-unmuted = You hear of “{ $name }” again.
alert-hidden = You will hear no more of offers of “{ $name }” here.
alert-hidden-already = You hear no more of “{ $name }” already
alert-unhidden = You hear of offers of “{ $name }” again.
alert-hushed-now = Muted
alert-seller-unknown = The page does not name the seller
alert-button-undo = Undo
alert-history-now = The prices are on their way
alert-press-unknown = This offer is too old: I do not know it any more.
alert-press-not-here = Only those who watch something here can do that.
alert-press-in-private = That works in a private chat with me and in groups.
