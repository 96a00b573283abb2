health-site-ill = We cannot read { $site } at the moment, so your searches there have to wait. We are working on it and will write again when it is good.
health-site-well = { $site } can be read again: your searches there go on.

# For operators, in English only: the commands they name are English too.
health-fault-quarantine = { $site } ({ $id }) is in quarantine: its module does not read the site any more. One search at a time tries it.
health-fault-offline = No host can be reached: this machine seems to be offline. Sites are not blamed for it.
health-fault-changed = { $site } ({ $id }): pages are not understood. The layout may have changed.
health-fault-broken = { $site } ({ $id }): the module panics or hangs on a page.
health-fault-gone = { $site } ({ $id }): a search page is gone.
health-fault-blocked = { $site } ({ $id }) refuses us.
health-fault-unreachable = { $site } ({ $id }) cannot be reached.
health-fault-fewer = { $site } ({ $id }): far fewer listings than usual.
health-fault-fields = { $site } ({ $id }): a field is missing that used to be there.
health-fault-moved = { $site } ({ $id }): a field comes from another place of the page. It still works, but the usual place may be about to go.
health-fault-cut = { $site } ({ $id }): pages end early.
health-fault-storm = { $site } ({ $id }): most of a page is new at once. Subscribers get a few alerts, the rest as one line.
health-fault-prices = { $site } ({ $id }): known prices moved all at once, which is more likely a fault than a sale. Nothing was told of it.
health-fault-ids = { $site } ({ $id }): known offers stand under new ids. Nothing was told of it.
health-fault-letters = { $site } ({ $id }): letters are broken. Nothing is told until they are whole.
health-fault-old = { $site } ({ $id }): the site shows pages of an older day. Nothing was told of it.

health-over = Over after { $hours } h ({ $count ->
    [one] seen once
   *[other] seen { $count } times
}): { $what }

health-todo-repair = Look at the kept page with `magpie site failures { $id }`, make a case of it with `magpie site case { $id }`, repair sites/{ $id }/site.toml until `magpie site test { $id }` is good, and reload with SIGHUP.
health-todo-look = `magpie site check` shows how it goes on, `magpie site failures { $id }` the kept pages, `magpie scrape URL` a page now.
health-todo-gone = `magpie source list` names the search; correct or remove it.
health-todo-blocked = Runs become rarer by themselves. If it stays so, raise `gap` in sites/{ $id }/site.toml or ask the site; `magpie site failures { $id }` shows its page.
health-todo-unreachable = Open the site in a browser. If it is there, `magpie doctor` examines this machine.
health-todo-offline = `magpie doctor` examines this machine. Nothing is lost: runs go on by themselves.
