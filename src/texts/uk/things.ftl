# Ціни в часі та те саме в інших місцях.
chart-now = зараз
chart-gone = знято з публікації
chart-unchanged = без змін
chart-highest = макс.
chart-lowest = мін.
chart-caption-now = Зараз { $price }
chart-caption-gone = Остання ціна { $price }, знято з публікації
chart-caption-change = { $share } з { $date }, коли було { $price }
chart-caption-same = Без змін з { $date }
chart-caption-none = Ціна цього оголошення поки невідома.
things-also = Також на { $site }
things-also-price = Також на { $site }: { $price }
things-reposted = Опубліковано знову під іншим номером
history-intro = Ціни якого оголошення показати?
history-none = Поки нічого показати: тут ще не було оголошень із ціною.
