### What the bot says in a conversation.

bot-start-hello = Hello! I watch listing sites and tell you what is new, cheaper, back or gone.
bot-start-again = Welcome back!
bot-start-invited = You were invited to “{ $title }”. Press it, and I will tell you about its listings:

bot-searches-choose = Choose a search, and I will tell you about its listings:
bot-searches-none = No searches are on offer at the moment. Please come back later.

bot-watching = You watch “{ $title }”.
bot-watching-minutes =
    { $minutes ->
        [1] I look about every minute and tell you here what changes.
       *[other] I look about every { $minutes } minutes and tell you here what changes.
    }
bot-watching-often = I look several times a minute and tell you here what changes.
bot-watching-then = I look at set times and tell you here what changes.
bot-watching-now = You watch “{ $title }” now
bot-watching-already = You watch “{ $title }” already

bot-sample-none = There is nothing to show yet. You will hear from me as soon as there is.

bot-watches-none = You watch no searches yet.
bot-watches-list =
    { $count ->
        [one] You watch { $count } search. Press it to see or change it:
       *[other] You watch { $count } searches. Press one to see or change it:
    }

bot-left = You no longer watch “{ $title }”.
bot-left-now = You no longer watch “{ $title }”

bot-button-searches = All searches
bot-button-watches = My searches
bot-button-stop = Stop watching
bot-button-again = Watch again

bot-press-not-yours = This menu was made for somebody else. Send /start to get your own.
bot-press-out-of-date = This menu is out of date. /start brings a fresh one.
bot-press-no-longer-offered = This search is no longer offered.
bot-press-not-watched = You do not watch this search

bot-language-ask = Which language shall I speak?
bot-language-chosen = I speak English from now on.
bot-language-now = I speak English now

bot-help =
    I watch listing sites and tell you what is new, cheaper, back or gone.
    A search of your own: /new, or send me the address of a search page.
bot-help-support = Anything else that you write is kept for the people behind me.
bot-unknown-command = I do not know /{ $name }. /help says what I can do.

# /cancel and the button of that name
bot-cancelled = All right, nothing is going on any more.
bot-cancelled-now = Cancelled

# Keys below the chat
bot-key-new = ➕ New search
bot-key-watches = 🔎 My searches
bot-key-account = 👤 Account
bot-key-support = 💬 Support
bot-key-app = 📱 Open the app
