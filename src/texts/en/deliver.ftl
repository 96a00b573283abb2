# What a message about a listing says.
deliver-new = 🆕 New
deliver-price-down = 📉 Cheaper
deliver-price-up = 📈 More expensive
deliver-back = 🔁 Back on offer
deliver-edited = ✏️ Changed
deliver-gone = ⛔ No longer on offer
deliver-reserved = 🔒 Reserved
deliver-untitled = No title
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
deliver-meanwhile-gone = meanwhile gone
deliver-meanwhile-reserved = meanwhile reserved
deliver-meanwhile-back = meanwhile back on offer
deliver-meanwhile-cheaper = meanwhile cheaper
deliver-meanwhile-dearer = meanwhile more expensive
deliver-floor = floor { $floor }
deliver-mileage = { $run } km
deliver-edited-line = { $field }: { $before } → { $now }
deliver-field-title = Title
deliver-field-location = Place
deliver-field-area = Area
deliver-field-rooms = Rooms
deliver-field-seller = Seller
deliver-button-save = ⭐ Save
deliver-button-history = 📈 History
deliver-button-mute = 🔕 Mute
deliver-button-why = ❓ Why
deliver-button-hide = 🙈 Hide this seller
deliver-sold = 🤝 Sold
deliver-let = 🔑 Let
deliver-meanwhile-sold = meanwhile sold
deliver-meanwhile-let = meanwhile let
