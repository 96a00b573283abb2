### Files of watches, and what a plan allows.

import-row-added = Line { $line }: “{ $name }” is watched from now on.
import-row-there = Line { $line }: “{ $name }” is watched already.
import-row-repeats = Line { $line }: the same as line { $name }.
import-row-beyond = Line { $line }: left out. { $name }
import-row-wrong = Line { $line }{ $place }: { $what }

import-unreadable = this cannot be read: { $why }.
import-no-address = there is no address; write that of a search page into “urls”.
import-bad-address = this is no complete address; copy it from the browser, with https://.
import-unknown-site = I do not know the site { $why }.
import-not-a-search = this is no search page of { $why } that I know; open a search there and copy its address.
import-bad-amount = this is no amount; write 900 or 900.50.
import-bad-currency = this is no currency; write three letters, such as EUR.
import-bad-filter = this filter cannot be used: { $why }.
import-bad-telling = this way of telling cannot be used: { $why }.
import-bad-flag = write yes or no (in JSON: true or false).
import-unknown-key = nobody knows this key; take it out.

import-file-too-large = The file is larger than 1 MB. Please split it.
import-file-too-many = The file has { $why } rows; I read { $most } at most. Please split it.
import-file-not-text = The file is no text in UTF-8. Save it as “CSV UTF-8” or as JSON.
import-file-empty = There are no rows in the file.
import-file-no-urls = There is no column “urls”. The first line must name the columns; /export brings an example.
import-file-unknown-column = Nobody knows the column “{ $why }”. /export brings an example.
import-file-repeated-column = The column “{ $why }” is named twice.
import-file-not-json = The file begins like JSON, but it is broken: { $why }.
import-file-not-fetched = I could not get the file from Telegram. Please send it again.
import-file-other = I read watches from .csv and .json files. Send one of these; /export brings an example.

import-summary = { $added } added, { $there } there already, { $repeats } twice in the file, { $beyond } beyond the plan, { $wrong } with problems.
import-report-attached = The report of all rows is in the file.
export-caption =
    { $count ->
        [one] Your watch as a file. Send it back to make it again.
       *[other] Your { $count } watches as a file. Send it back, changed or not, to make more of them.
    }
export-none = You have no watches here to write into a file. Send me a .csv or .json file to make some.

plan-too-many-watches = You have { $has } watches and your plan allows { $limit }. Delete one, or choose a larger plan.
plan-too-many-searches = Your watches would look at { $has } searches and your plan allows { $limit }. Delete one, or choose a larger plan.
plan-paused-by-plan = The limit of your plan has paused it. It goes on when there is room: delete or pause another one, or choose a larger plan.
plan-paused-by-operator = The people behind me have paused it. Write to them here if you want to know why.
plan-resting =
    { $count ->
        [one] Your plan has room for fewer watches now, so this one rests:
       *[other] Your plan has room for fewer watches now, so these { $count } rest:
    }
plan-resting-more = … and { $count } more
plan-resting-how = Nothing of them is lost. They go on by themselves when there is room again: choose a larger plan, or pause or delete others in /watches.
