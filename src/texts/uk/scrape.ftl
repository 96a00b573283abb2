scrape-more-changes = { $count ->
    [one] Ще { $count } зміна в пошуку «{ $search }».
    [few] Ще { $count } зміни в пошуку «{ $search }».
   *[other] Ще { $count } змін у пошуку «{ $search }».
}
scrape-open-search = Відкрити пошук
