# Цены во времени и то же самое в других местах.
chart-now = сейчас
chart-gone = снято с публикации
chart-unchanged = без изменений
chart-highest = макс.
chart-lowest = мин.
chart-caption-now = Сейчас { $price }
chart-caption-gone = Последняя цена { $price }, снято с публикации
chart-caption-change = { $share } с { $date }, когда было { $price }
chart-caption-same = Без изменений с { $date }
chart-caption-none = Цена этого объявления пока неизвестна.
things-also = Также на { $site }
things-also-price = Также на { $site }: { $price }
things-reposted = Опубликовано снова под другим номером
history-intro = Цены какого объявления показать?
history-none = Пока нечего показать: здесь ещё не было объявлений с ценой.
