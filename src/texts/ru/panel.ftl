### Панель операторов: показатели, люди, тарифы.

panel-home = 🛠 Панель
panel-home-ask = Что показать?
panel-button-home = ‹ Панель
panel-button-figures = 📊 Показатели
panel-button-people = 👥 Люди
panel-button-plans = ⭐ Тарифы
panel-button-sites = 🌐 Сайты
panel-button-broadcast = 📣 Рассылка
panel-button-orders = 🧾 Заказы
panel-button-chart = 📈 График
panel-button-chart-dark = 🌙 График
panel-button-again = 🔄 Обновить
panel-unknown = неизвестно
panel-private-only = Панель открывается в личном чате со мной.

panel-figures-head = 📊 Показатели · { $moment }
panel-figures-people = 👥 Людей: { $count }
panel-figures-new = Новые: { $spans }
panel-figures-active = Активные: { $today } сегодня ({ $yesterday } вчера) · { $week } за 7 дней ({ $weekdelta })
panel-figures-watches = 🔎 Поисков: { $count }, из них работают { $running }
panel-figures-paying = ⭐ Платят: { $paying } · пробный или подаренный тариф: { $trying }
panel-figures-no-revenue = 💶 Выручка: за 60 дней нет
panel-figures-revenue = 💶 Выручка: { $spans }
panel-figures-cohort = 🧭 За 30 дней пришли { $met }: следят { $watching } %, пробовали тариф { $tried } %, заплатили { $paid } %
panel-figures-cohort-before = За 30 дней до этого: пришли { $met }, следят { $watching } %, пробовали тариф { $tried } %, заплатили { $paid } %
panel-figures-sent = 📬 Отправлено: { $spans }
panel-figures-waiting = Ждут отправки: { $count }
panel-figures-dead = Не доставлены: { $count } ({ $today } сегодня, { $week } за 7 дней)
panel-figures-unknown = Под вопросом: { $count } ({ $today } сегодня, { $week } за 7 дней)
panel-figures-sites = 🌐 Сайты: в порядке { $good }, с неполадками { $ill }, на карантине { $quarantined }
panel-spans = { $today } сегодня ({ $yesterday } вчера) · { $week } за 7 дней ({ $weekdelta }) · { $month } за 30 дней ({ $monthdelta })

panel-board-caption = 📈 { $from } – { $to }
panel-board-new = Новые люди
panel-board-active = Активные, сумма по дням
panel-board-sent = Отправлено сообщений
panel-board-revenue = Выручка
panel-board-drawing = График уже в пути

panel-find-ask = Кого найти? Напишите id, @имя или часть имени.
panel-find-again = 🔎 Искать ещё
panel-find-none = Не знаю никого похожего на «{ $words }». Напишите другой id, @имя или часть имени.
panel-find-found = { $count ->
    [one] По запросу «{ $words }» найден { $count } человек.
    [few] По запросу «{ $words }» найдены { $count } человека.
   *[other] По запросу «{ $words }» найдено { $count } человек.
}
panel-find-more = Последними заходили:

panel-nobody = Не знаю никого с таким id.
panel-nameless = без имени
panel-card-head = 👤 { $name }
panel-card-id = Id { $id } · язык: { $language }
panel-card-since = С нами с { $since } · заходил(а) { $seen }
panel-card-plan = ⭐ { $title } до { $until }
panel-card-plan-over = ⭐ { $title }, закончился { $until }
panel-card-no-plan = ⭐ Тарифа нет
panel-card-balance = 💰 Баланс: { $amount }
panel-card-watches = 🔎 Поисков: { $count }, из них работают { $running }
panel-card-deliveries = 📬 За 7 дней: отправлено { $sent }, не доставлено { $dead }, под вопросом { $unknown } · ждут: { $waiting }
panel-card-tickets = 💬 Обращений: { $count }, из них открыты { $open }
panel-card-banned = 🚫 Заблокирован(а)
panel-card-unreachable = 🔕 В личный чат писать нельзя.
panel-card-stuck = ⏳ Разговор не закончен.
panel-button-card = ‹ { $name }
panel-button-grant = 🎁 Дать дни
panel-button-message = ✉️ Написать
panel-button-ban = 🚫 Заблокировать
panel-button-unban = ✅ Разблокировать
panel-button-reset = ♻️ Сбросить разговор
panel-button-see-watches = 👁 Поиски
panel-button-see-settings = 👁 Настройки
panel-button-see-plan = 👁 Тариф
panel-eyes-head = 👁 Вот что видит { $name }. Кнопки не показаны.

panel-grant-plan = Дни какого тарифа получит { $name }?
panel-grant-no-plans = Нет тарифа, который можно дать.
panel-grant-days = Сколько дней тарифа «{ $title }» получит { $name }? Нажмите кнопку или напишите число от 1 до 3650.
panel-grant-number = Это не число от 1 до 3650. Напишите другое.
panel-days = { $count ->
    [one] { $count } день
    [few] { $count } дня
   *[other] { $count } дней
}
panel-message-ask = Что передать? Получатель: { $name }. Напишите одним сообщением, не больше { $limit } знаков.
panel-message-long = Слишком длинно: не больше { $limit } знаков. Напишите короче.
panel-message-head = 📨 Сообщение от команды:

panel-reset-none = Незаконченных разговоров нет.
panel-sure-yes = ⚠️ Да: { $what }
panel-sure-no = ‹ Нет
panel-sure-note = Кнопка работает 5 минут.
panel-sure-over = Эта кнопка устарела. Ничего не сделано.
panel-sure-changed = Тем временем всё изменилось, поэтому ничего не сделано. Посмотрите ещё раз.
panel-sure-ban = Заблокировать { $name } (id { $id })? Я больше не буду отвечать и ничего не буду присылать.
panel-sure-unban = Разблокировать { $name } (id { $id })?
panel-sure-reset = { $count ->
    [one] Сбросить { $count } разговор: { $name } (id { $id })? Следующее слово начнёт всё заново.
    [few] Сбросить { $count } разговора: { $name } (id { $id })? Следующее слово начнёт всё заново.
   *[other] Сбросить { $count } разговоров: { $name } (id { $id })? Следующее слово начнёт всё заново.
}
panel-sure-grant = Дать { $days } тарифа «{ $title }»? Получатель: { $name } (id { $id }). Тариф будет действовать до { $until }.
panel-sure-message = Отправить это сообщение? Получатель: { $name } (id { $id }).
panel-do-ban = заблокировать
panel-do-unban = разблокировать
panel-do-reset = сбросить
panel-do-grant = дать
panel-do-message = отправить
panel-done-ban = 🚫 Доступ закрыт: { $name }.
panel-done-unban = ✅ Доступ снова открыт: { $name }.
panel-done-reset = ♻️ Разговоры начнутся заново: { $name }.
panel-done-grant = 🎁 { $name }: ещё { $days } тарифа «{ $title }», до { $until }.
panel-done-message = ✉️ Сообщение в пути. Получатель: { $name }.
panel-given = 🎁 Вам подарили { $days } тарифа «{ $title }». Он действует до { $until }.

panel-plans-head = ⭐ Тарифы. Нажмите на тариф, чтобы посмотреть или изменить его:
panel-plans-none = Тарифов нет.
panel-plan-head = ⭐ { $title } ({ $id })
panel-plan-names = Названия: { $names }
panel-plan-price = Цена: { $prices }
panel-plan-days = Срок: { $days }
panel-plan-endless = Срок: без ограничения
panel-plan-terms = Ограничения: { $terms }
panel-plan-offered = Тариф предлагается.
panel-plan-rests = Тариф не предлагается.
panel-plan-nothing = нет
panel-button-plan = ‹ { $title }
panel-button-plan-name = ✏️ Название
panel-button-plan-price = 💶 Цена
panel-button-plan-days = 🗓 Срок
panel-button-plan-terms = 📏 Ограничения
panel-button-plan-stop = ⏸ Больше не предлагать
panel-button-plan-offer = ▶️ Предлагать
panel-plan-ask-name = Напишите другое название тарифа «{ $title }», каким его увидят люди на вашем языке.
panel-plan-ask-price = Напишите цену тарифа «{ $title }» и валюту, например 4.99 USD или 350 XTR (звёзды). 0 USD убирает цену в этой валюте.
panel-plan-ask-days = Напишите, на сколько дней продаётся «{ $title }».
panel-plan-ask-terms = Напишите ограничение тарифа «{ $title }» и его значение, например «watches 30»; 0 — без ограничения, «watches -» — не задано. Ограничения: { $keys }.
panel-plan-bad = Так не получится: { $problem }. Напишите иначе.
panel-plan-unreadable = не могу это прочитать
panel-plan-same = Так уже и есть. Напишите другое значение.
panel-plan-gone = Такого тарифа больше нет.
panel-sure-plan = Изменить «{ $title }»?
    Было: { $before }
    Станет: { $after }
    Купленное останется таким, каким его купили.
panel-do-plan = изменить
panel-done-plan = ⭐ Тариф «{ $title }» изменён: { $after }
