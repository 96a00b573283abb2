# Prices over time, and the same thing in other places.
chart-now = now
chart-gone = no longer on offer
chart-unchanged = unchanged
chart-highest = max
chart-lowest = min
chart-caption-now = Now { $price }
chart-caption-gone = Last { $price }, no longer on offer
chart-caption-change = { $share } since { $date }, when it was { $price }
chart-caption-same = Unchanged since { $date }
chart-caption-none = No price of this offer is known yet.
things-also = Also on { $site }
things-also-price = Also on { $site }: { $price }
things-reposted = Offered again under another number
history-intro = Whose prices would you like to see?
history-none = There is nothing to show yet: no offer with a price was told here.
