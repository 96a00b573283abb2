# What a message about a listing says.
deliver-new = 🆕 New
deliver-price-down = 📉 Cheaper
deliver-price-up = 📈 More expensive
deliver-back = 🔁 Back on offer
deliver-edited = ✏️ Changed
deliver-gone = ⛔ No longer on offer
deliver-reserved = 🔒 Reserved
deliver-untitled = No title
deliver-was = was
deliver-per-metre = { $price } per m²
deliver-area = { $area } m²
deliver-rooms = { $count ->
    [one] { $number } room
   *[other] { $number } rooms
}
deliver-rooms-part = { $number } rooms
deliver-posted = Posted: { $at }
deliver-watches = { $count ->
    [one] Watch: { $names }
   *[other] Watches: { $names }
}
deliver-more = and { $number } more
deliver-open = Open
