scrape-more-changes = { $count ->
    [one] One more change in “{ $search }”.
   *[other] { $count } more changes in “{ $search }”.
}
scrape-open-search = Open the search
