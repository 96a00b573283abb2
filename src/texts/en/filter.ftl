filter-anything = all offers
filter-any-value = any
filter-from = from { $low }
filter-up-to = up to { $high }
filter-rooms = { $range } { $count ->
    [one] room
   *[other] rooms
}
filter-area = { $range } m²
filter-price-per-m2 = { $range } per m²
filter-seller-private = private sellers
filter-seller-dealer = dealers
filter-photo = with photo
filter-in = in { $names }
filter-near = within { $km } km of { $point }
filter-inside = in the drawn area
filter-or = or
filter-all-words = with: { $words }
filter-any-words = any of: { $words }
filter-none-words = not: { $words }
filter-pattern = matching /{ $pattern }/
filter-changes = only: { $kinds }
filter-sites = on { $sites }
filter-known = { $field } must be known
filter-not-known = not known
filter-no-words = none of them
filter-pictures = { $count ->
    [one] { $count } picture
   *[other] { $count } pictures
}

filter-change-new = new
filter-change-price-down = cheaper
filter-change-price-up = dearer
filter-change-back = back
filter-change-edited = edited
filter-change-gone = gone
filter-change-reserved = reserved

filter-field-price = price
filter-field-place = place
filter-field-seller = seller
filter-field-area = area
filter-field-rooms = rooms
filter-field-price-per-m2 = price per m²
filter-field-year = year
filter-field-mileage = mileage

filter-fault-min-above-max = the lowest value is above the highest; swap them
filter-fault-number = write a number from 0
filter-fault-empty-range = give a lowest or a highest value, or leave it out
filter-fault-empty-word = a word is empty; leave it out
filter-fault-long-word = a word is too long; at most { $value } letters
filter-fault-too-many = there are too many; at most { $value }
filter-fault-contradiction = “{ $value }” is wanted and unwanted; keep it in one list
filter-fault-pattern = the regular expression does not work: { $value }
filter-fault-expert = position { $column }: expected { $expected }, found { $found }
filter-fault-corners = an area has 3 to 100 corners, this one has { $value }
filter-fault-radius = a radius is 0.05 to 1000 km, this one is { $value }
filter-fault-point = write a latitude from -90 to 90, then a longitude from -180 to 180
filter-fault-currency = “{ $value }” is no currency; write a code such as EUR
filter-fault-field = “{ $value }” is not asked for; name a field of the filter
filter-fault-elsewhere = say this in { $value }
