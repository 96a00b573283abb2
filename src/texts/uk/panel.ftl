### Панель операторів: показники, люди, тарифи.

panel-home = 🛠 Панель
panel-home-ask = Що показати?
panel-button-home = ‹ Панель
panel-button-figures = 📊 Показники
panel-button-people = 👥 Люди
panel-button-plans = ⭐ Тарифи
panel-button-sites = 🌐 Сайти
panel-button-broadcast = 📣 Розсилка
panel-button-orders = 🧾 Замовлення
panel-button-chart = 📈 Графік
panel-button-chart-dark = 🌙 Графік
panel-button-again = 🔄 Оновити
panel-unknown = невідомо
panel-private-only = Панель відкривається в особистому чаті зі мною.

panel-figures-head = 📊 Показники · { $moment }
panel-figures-people = 👥 Людей: { $count }
panel-figures-new = Нові: { $spans }
panel-figures-active = Активні: { $today } сьогодні ({ $yesterday } вчора) · { $week } за 7 днів ({ $weekdelta })
panel-figures-watches = 🔎 Пошуків: { $count }, з них працюють { $running }
panel-figures-paying = ⭐ Платять: { $paying } · пробний або подарований тариф: { $trying }
panel-figures-no-revenue = 💶 Виторг: за 60 днів немає
panel-figures-revenue = 💶 Виторг: { $spans }
panel-figures-cohort = 🧭 За 30 днів прийшли { $met }: стежать { $watching } %, пробували тариф { $tried } %, заплатили { $paid } %
panel-figures-cohort-before = За 30 днів до цього: прийшли { $met }, стежать { $watching } %, пробували тариф { $tried } %, заплатили { $paid } %
panel-figures-sent = 📬 Надіслано: { $spans }
panel-figures-waiting = Чекають надсилання: { $count }
panel-figures-dead = Не доставлено: { $count } ({ $today } сьогодні, { $week } за 7 днів)
panel-figures-unknown = Під питанням: { $count } ({ $today } сьогодні, { $week } за 7 днів)
panel-figures-sites = 🌐 Сайти: справні { $good }, з негараздами { $ill }, на карантині { $quarantined }
panel-spans = { $today } сьогодні ({ $yesterday } вчора) · { $week } за 7 днів ({ $weekdelta }) · { $month } за 30 днів ({ $monthdelta })

panel-board-caption = 📈 { $from } – { $to }
panel-board-new = Нові люди
panel-board-active = Активні, сума за днями
panel-board-sent = Надіслано повідомлень
panel-board-revenue = Виторг
panel-board-drawing = Графік уже в дорозі

panel-find-ask = Кого знайти? Напишіть id, @ім’я або частину імені.
panel-find-again = 🔎 Шукати ще
panel-find-none = Не знаю нікого схожого на «{ $words }». Напишіть інший id, @ім’я або частину імені.
panel-find-found = { $count ->
    [one] За запитом «{ $words }» знайдено { $count } людину.
    [few] За запитом «{ $words }» знайдено { $count } людини.
   *[other] За запитом «{ $words }» знайдено { $count } людей.
}
panel-find-more = Останніми заходили:

panel-nobody = Не знаю нікого з таким id.
panel-nameless = без імені
panel-card-head = 👤 { $name }
panel-card-id = Id { $id } · мова: { $language }
panel-card-since = З нами з { $since } · останній візит { $seen }
panel-card-plan = ⭐ { $title } до { $until }
panel-card-plan-over = ⭐ { $title }, закінчився { $until }
panel-card-no-plan = ⭐ Тарифу немає
panel-card-balance = 💰 Баланс: { $amount }
panel-card-watches = 🔎 Пошуків: { $count }, з них працюють { $running }
panel-card-deliveries = 📬 За 7 днів: надіслано { $sent }, не доставлено { $dead }, під питанням { $unknown } · чекають: { $waiting }
panel-card-tickets = 💬 Звернень: { $count }, з них відкриті { $open }
panel-card-banned = 🚫 Заблоковано
panel-card-unreachable = 🔕 До особистого чату писати не можна.
panel-card-stuck = ⏳ Розмову не закінчено.
panel-button-card = ‹ { $name }
panel-button-grant = 🎁 Дати дні
panel-button-message = ✉️ Написати
panel-button-ban = 🚫 Заблокувати
panel-button-unban = ✅ Розблокувати
panel-button-reset = ♻️ Скинути розмову
panel-button-see-watches = 👁 Пошуки
panel-button-see-settings = 👁 Налаштування
panel-button-see-plan = 👁 Тариф
panel-eyes-head = 👁 Ось що бачить { $name }. Кнопки не показано.

panel-grant-plan = Дні якого тарифу отримає { $name }?
panel-grant-no-plans = Немає тарифу, який можна дати.
panel-grant-days = Скільки днів тарифу «{ $title }» отримає { $name }? Натисніть кнопку або напишіть число від 1 до 3650.
panel-grant-number = Це не число від 1 до 3650. Напишіть інше.
panel-days = { $count ->
    [one] { $count } день
    [few] { $count } дні
   *[other] { $count } днів
}
panel-message-ask = Що передати? Отримувач: { $name }. Напишіть одним повідомленням, не більше { $limit } знаків.
panel-message-long = Задовго: не більше { $limit } знаків. Напишіть коротше.
panel-message-head = 📨 Повідомлення від команди:

panel-reset-none = Незакінчених розмов немає.
panel-sure-yes = ⚠️ Так: { $what }
panel-sure-no = ‹ Ні
panel-sure-note = Кнопка працює 5 хвилин.
panel-sure-over = Ця кнопка застаріла. Нічого не зроблено.
panel-sure-changed = Тим часом усе змінилося, тож нічого не зроблено. Подивіться ще раз.
panel-sure-ban = Заблокувати { $name } (id { $id })? Я більше не відповідатиму і нічого не надсилатиму.
panel-sure-unban = Розблокувати { $name } (id { $id })?
panel-sure-reset = { $count ->
    [one] Скинути { $count } розмову: { $name } (id { $id })? Наступне слово почне все заново.
    [few] Скинути { $count } розмови: { $name } (id { $id })? Наступне слово почне все заново.
   *[other] Скинути { $count } розмов: { $name } (id { $id })? Наступне слово почне все заново.
}
panel-sure-grant = Дати { $days } тарифу «{ $title }»? Отримувач: { $name } (id { $id }). Тариф діятиме до { $until }.
panel-sure-message = Надіслати це повідомлення? Отримувач: { $name } (id { $id }).
panel-do-ban = заблокувати
panel-do-unban = розблокувати
panel-do-reset = скинути
panel-do-grant = дати
panel-do-message = надіслати
panel-done-ban = 🚫 Доступ закрито: { $name }.
panel-done-unban = ✅ Доступ знову відкрито: { $name }.
panel-done-reset = ♻️ Розмови почнуться заново: { $name }.
panel-done-grant = 🎁 { $name }: ще { $days } тарифу «{ $title }», до { $until }.
panel-done-message = ✉️ Повідомлення в дорозі. Отримувач: { $name }.
panel-given = 🎁 Вам подарували { $days } тарифу «{ $title }». Він діє до { $until }.

panel-plans-head = ⭐ Тарифи. Натисніть на тариф, щоб переглянути або змінити його:
panel-plans-none = Тарифів немає.
panel-plan-head = ⭐ { $title } ({ $id })
panel-plan-names = Назви: { $names }
panel-plan-price = Ціна: { $prices }
panel-plan-days = Термін: { $days }
panel-plan-endless = Термін: без обмеження
panel-plan-terms = Обмеження: { $terms }
panel-plan-offered = Тариф пропонується.
panel-plan-rests = Тариф не пропонується.
panel-plan-nothing = немає
panel-button-plan = ‹ { $title }
panel-button-plan-name = ✏️ Назва
panel-button-plan-price = 💶 Ціна
panel-button-plan-days = 🗓 Термін
panel-button-plan-terms = 📏 Обмеження
panel-button-plan-stop = ⏸ Більше не пропонувати
panel-button-plan-offer = ▶️ Пропонувати
panel-plan-ask-name = Напишіть іншу назву тарифу «{ $title }», якою її побачать люди вашою мовою.
panel-plan-ask-price = Напишіть ціну тарифу «{ $title }» і валюту, наприклад 4.99 USD або 350 XTR (зірки). 0 USD прибирає ціну в цій валюті.
panel-plan-ask-days = Напишіть, на скільки днів продається «{ $title }».
panel-plan-ask-terms = Напишіть обмеження тарифу «{ $title }» і його значення, наприклад «watches 30»; 0 — без обмеження, «watches -» — не задано. Обмеження: { $keys }.
panel-plan-bad = Так не вийде: { $problem }. Напишіть інакше.
panel-plan-unreadable = не можу це прочитати
panel-plan-same = Так уже і є. Напишіть інше значення.
panel-plan-gone = Такого тарифу більше немає.
panel-sure-plan = Змінити «{ $title }»?
    Було: { $before }
    Стане: { $after }
    Куплене залишиться таким, яким його купили.
panel-do-plan = змінити
panel-done-plan = ⭐ Тариф «{ $title }» змінено: { $after }
