scrape-more-changes = { $count ->
    [one] Ещё { $count } изменение в поиске «{ $search }».
    [few] Ещё { $count } изменения в поиске «{ $search }».
   *[other] Ещё { $count } изменений в поиске «{ $search }».
}
scrape-open-search = Открыть поиск
