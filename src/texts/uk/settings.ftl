### How a chat wants to be told.

settings-head = ⚙️ Налаштування
settings-language = 🌐 Мова
settings-quiet = 🌙 Тихі години
settings-zone = 🕐 Часовий пояс
settings-digest = 🗞 Добірка
settings-cap = 🚦 Не більше на годину
settings-pictures = 🖼 Світлини
settings-replies = 💬 Відповідь при зміні ціни
settings-back = ‹ Налаштування
settings-saved = Збережено
settings-yes = так
settings-no = ні
settings-none = немає

settings-quiet-ask = У тихі години я мовчу; усе прийде, коли вони скінчаться. У які години?
settings-zone-ask = За чиїм годинником ви живете?
settings-zone-type = Напишіть своє місто, часовий пояс, наприклад Europe/Kyiv, або UTC+2.
settings-zone-unknown = Такого міста чи часового поясу я не знаю. Напишіть інше, наприклад Берлін або UTC+2, або виберіть зі списку.
settings-zone-now = Тепер час рахується за годинником { $zone }. Зараз там { $time }.
settings-zone-write = ✏️ Написати
settings-zone-list = Вибрати зі списку
settings-europe = Європа
settings-asia = Азія
settings-america = Америка
settings-elsewhere = Інше

settings-digest-ask = Я можу збирати новини й надсилати одним повідомленням. Коли?
settings-digest-off = одразу, по одному
settings-digest-hourly = щогодини
settings-digest-daily = щодня о { $time }
settings-digest-weekly = { $day } о { $time }
settings-monday = щопонеділка
settings-tuesday = щовівторка
settings-wednesday = щосереди
settings-thursday = щочетверга
settings-friday = щоп’ятниці
settings-saturday = щосуботи
settings-sunday = щонеділі

settings-cap-ask = Скільки повідомлень на годину, не більше? Решта прийде одним повідомленням наприкінці години.
settings-pictures-ask = Які світлини показувати?
settings-pictures-one = першу
settings-pictures-album = альбом
settings-pictures-none = без світлин

settings-mute = 🔇 Мовчати
settings-mute-ask = На скільки мені замовкнути? Про те, що станеться за цей час, я потім не розповім.
settings-mute-hour = на годину
settings-mute-day = на день
settings-mute-week = на тиждень
settings-mute-off = не мовчати
settings-mute-until = до { $time }
settings-mute-ever = завжди

