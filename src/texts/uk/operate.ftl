### Що оператори бачать і роблять: сайти, розсилки, замовлення, служба.

operate-span-seconds = { $count } с
operate-span-minutes = { $count } хв
operate-span-hours = { $count } год
operate-span-days = { $count } дн.
operate-refresh = 🔄 Оновити
operate-back = Назад
operate-cancel = Скасувати
operate-run = ▶️ Запустити зараз
operate-run-now = Запуститься за першої нагоди
operate-pause = ⏸ Призупинити
operate-resume = ▶️ Продовжити
operate-paused-now = Призупинено
operate-resumed-now = Знову працює

operate-sites = Сайти: { $count }
operate-sites-none = Жоден сайт ще не має пошуків.
operate-all-sites = Усі сайти
operate-site-searches =
    { $count ->
        [one] { $count } пошук
        [few] { $count } пошуки
       *[many] { $count } пошуків
    }
operate-site-failing = з помилкою: { $count }
operate-site-paused-many = на паузі: { $count }
operate-site-quarantined = у карантині
operate-site-read = прочитано { $ago }
operate-site-proposed = 🔧 запропоновано виправлення
operate-site-gone = Цей сайт більше не має пошуків.
operate-site-watching = Модуль дав збій { $since } тому, за ним спостерігають.
operate-site-recovering = Модуль відновлюється вже { $since }.
operate-site-in-quarantine = У карантині вже { $since }; наступна спроба через { $next }.
operate-site-figures = Пошуки: { $all }, на паузі { $paused }, з помилкою { $failing }
operate-site-runs = Запуски за добу: { $runs }, вдалих { $rate } %
operate-site-no-runs = За добу жодного запуску
operate-site-last-good = Останній вдалий запуск: { $ago }
operate-site-pace = { $host }: раз на { $gap }, відповідає за { $answer } мс
operate-site-held = ; не чіпаємо ще { $left }: { $why }
operate-site-failures = Останні помилки:
operate-site-sources = Пошуки
operate-site-pause = ⏸ Призупинити всі
operate-site-resume = ▶️ Продовжити всі
operate-site-quarantine = 🚧 До карантину
operate-site-release = ✅ Зняти з карантину
operate-site-ask-pause =
    { $count ->
        [one] Призупинити { $count } пошук сайту { $site }? Доки він не продовжиться, підписники нічого не дізнаються.
        [few] Призупинити всі { $count } пошуки сайту { $site }? Доки вони не продовжаться, підписники нічого не дізнаються.
       *[many] Призупинити всі { $count } пошуків сайту { $site }? Доки вони не продовжаться, підписники нічого не дізнаються.
    }
operate-site-yes-pause = Так, призупинити
operate-site-ask-quarantine =
    { $count ->
        [one] Відправити модуль { $site } до карантину? Його { $count } пошук відпочине, раз на шість годин він пробується знову.
        [few] Відправити модуль { $site } до карантину? Його { $count } пошуки відпочинуть, раз на шість годин один пробується знову.
       *[many] Відправити модуль { $site } до карантину? Його { $count } пошуків відпочинуть, раз на шість годин один пробується знову.
    }
operate-site-yes-quarantine = Так, до карантину
operate-site-quarantined-now = У карантині
operate-site-released-now = Знято з карантину

operate-sources = Пошуки сайту { $site }:
operate-source-gone = Цього пошуку більше немає.
operate-source-paused = На паузі; зазвичай раз на { $every }
operate-source-next = Раз на { $every }; наступний запуск через { $next }
operate-source-due = Раз на { $every }; запуститься за першої нагоди
operate-source-no-runs = Ще не запускався
operate-source-runs = Останні запуски: { $runs }
operate-source-watchers =
    { $count ->
        [one] Стежить { $count } людина
        [few] Стежать { $count } людини
       *[many] Стежать { $count } людей
    }
operate-source-items = Оголошень в останньому вдалому запуску: { $count }
operate-source-error = Остання помилка: { $error }

operate-proposal = 🔧 Запропоноване виправлення
operate-proposal-head = Запропоноване виправлення { $site }, версія { $version }
operate-proposal-lost = Більше немає на сторінці: { $fields }
operate-proposal-replay = Прочитано знову з тими самими значеннями: { $found } з { $of } відомих оголошень
operate-proposal-cases = Збережені приклади читаються як раніше: { $count }
operate-proposal-shadow = У тіні: { $of } оголошень, з них відомих { $found }
operate-proposal-approve = ✅ Прийняти
operate-proposal-reject = ❌ Відхилити
operate-proposal-ask-approve = Увести версію { $version } модуля { $site }? Усі пошуки сайту одразу запустяться з нею.
operate-proposal-yes-approve = Так, прийняти
operate-proposal-ask-reject = Відхилити версію { $version } модуля { $site }? Таку саму більше не запропонують.
operate-proposal-yes-reject = Так, відхилити
operate-proposal-approved = Версію введено, пошуки сайту запускаються.
operate-proposal-rejected = Версію відхилено.
operate-proposal-none = Для цього сайту нічого не запропоновано.
operate-proposal-none-now = Рішення вже ухвалено
operate-proposal-stale = Відтоді як з’явилося це виправлення, модуль змінився, або його не можна прочитати. Відхиліть його: наступний невдалий запуск запропонує нове.

operate-casts = Розсилки:
operate-casts-none = Розсилок ще не було.
operate-casts-all = Усі розсилки
operate-cast-new = ➕ Нова розсилка
operate-cast-gone = Цієї розсилки більше немає.
operate-cast-begun = Розсилка вже почалася
operate-cast-untitled = Повідомлення без тексту
operate-cast-head = 📣 «{ $title }»: { $state }
operate-cast-draft = чернетка
operate-cast-waits = чекає на свій час
operate-cast-freezing = складається список отримувачів
operate-cast-running = надсилається
operate-cast-stopped = зупинена
operate-cast-done = завершена
operate-cast-sent = Надіслано: { $sent } з { $all }
operate-cast-refused = Відмовлено або бота заблоковано: { $count }
operate-cast-unknown = Невідомо: { $count }
operate-cast-dead = Не вдалося: { $count }
operate-cast-left = Залишилося: { $count }
operate-cast-pace = { $rate }/с, ще приблизно { $span }
operate-cast-from = Не раніше { $at }
operate-cast-stop = ⏹ Зупинити
operate-cast-go-on = ▶️ Продовжити
operate-cast-preview = 👁 Переглянути
operate-cast-previewed = Ось так
operate-cast-messages = Повідомлення: { $languages }
operate-cast-for-everybody = одне для всіх
operate-cast-for-others = усі інші
operate-cast-album =
    { $count ->
        [one] альбом із { $count }
        [few] альбом із { $count }
       *[many] альбом із { $count }
    }
operate-cast-buttons = Кнопки: { $labels }
operate-cast-readers = Кому: { $whom }, { $count }
operate-cast-audience = 👥 Отримувачі
operate-cast-everybody = усі
operate-cast-by-language = за мовою
operate-cast-with-plan = з тарифом
operate-cast-without-plan = без тарифу
operate-cast-active = активні за 30 днів
operate-cast-some = як задано в командному рядку
operate-cast-whom-language = ті, хто читає: { $languages }
operate-cast-ask-audience = Кому надіслати?
operate-cast-change = ✏️ Змінити повідомлення
operate-cast-add-ru = ➕ Російська
operate-cast-add-uk = ➕ Українська
operate-cast-change-ru = ✏️ Російська
operate-cast-change-uk = ✏️ Українська
operate-cast-add-buttons = ➕ Додати кнопку
operate-cast-no-buttons = Без кнопок
operate-cast-send = 🚀 Надіслати зараз
operate-cast-later = 🕒 Надіслати пізніше
operate-cast-forget = 🗑 Видалити
operate-cast-ask-forget = Видалити чернетку «{ $title }»?
operate-cast-yes-forget = Так, видалити
operate-cast-forgotten = Чернетку видалено.
operate-cast-ask-message = Надішліть повідомлення: текст, зображення, відео, файл або альбом. Воно піде точно так, як ви його надішлете, без вашого імені.
operate-cast-ask-message-ru = Надішліть повідомлення для тих, хто читає російською.
operate-cast-ask-message-uk = Надішліть повідомлення для тих, хто читає українською.
operate-cast-ask-languages = Повідомлення збережено. Воно для всіх мов?
operate-cast-only-this = Лише це
operate-cast-ask-buttons = Надішліть кнопки, не більше чотирьох, кожну з нового рядка: слова, потім адреса. Наприклад: Відкрити сайт https://example.org
operate-cast-bad-buttons = Не вдається прочитати кнопки. У кожному рядку мають бути слова, а потім адреса, що починається з https://
operate-cast-ask-moment = Коли? Напишіть час, наприклад 18:30, 24.12 09:00 або 2026-12-24 09:00.
operate-cast-bad-moment = Це не час у майбутньому. Напишіть, наприклад, 18:30, 24.12 09:00 або 2026-12-24 09:00.
operate-cast-zone = Часовий пояс: { $zone } (див. /settings).
operate-cast-ask-now =
    { $people ->
        [one] «{ $title }» одразу піде рівно { $count } отримувачу. Скасувати надіслане не можна.
        [few] «{ $title }» одразу піде рівно { $count } отримувачам. Скасувати надіслане не можна.
       *[many] «{ $title }» одразу піде рівно { $count } отримувачам. Скасувати надіслане не можна.
    }
operate-cast-ask-later =
    { $people ->
        [one] «{ $title }» піде рівно { $count } отримувачу, не раніше { $at }.
        [few] «{ $title }» піде рівно { $count } отримувачам, не раніше { $at }.
       *[many] «{ $title }» піде рівно { $count } отримувачам, не раніше { $at }.
    }
operate-cast-yes = Так, надіслати: { $count }
operate-cast-nobody = Нікому надсилати: виберіть інших отримувачів.
operate-cast-other-count = Кількість отримувачів змінилася: перевірте ще раз
operate-cast-started-now = Надсилається
operate-cast-stopped-now = Зупинено
operate-cast-stopped-already = Вона і так не йде

operate-orders = Замовлення: { $count }
operate-orders-none = Замовлень ще не було.
operate-orders-all = Усі замовлення
operate-orders-tell = 🔔 Повідомляти про кожне замовлення
operate-orders-untell = 🔕 Не повідомляти про замовлення
operate-orders-told-now = Тепер ви дізнаєтеся про кожне замовлення
operate-orders-untold-now = Про замовлення більше не повідомляємо
operate-order-pending = чекає на оплату
operate-order-paid = оплачено
operate-order-expired = прострочено
operate-order-cancelled = скасовано
operate-order-refunded = повернено
operate-order-failed = не вдалося
operate-order-review = на перевірці

operate-debug-head = Magpie { $version }, працює { $up }, { $mode }
operate-debug-pending = Оновлень чекає в Telegram: { $count }
operate-debug-complaint = Telegram скаржиться: { $error }
operate-debug-database = База даних: { $answer }
operate-debug-seen = Швидкий фільтр: { $answer }
operate-debug-telegram = Telegram: { $answer }
operate-debug-millis = { $count } мс
operate-debug-memory = Пам’ять: { $count } МБ
operate-debug-measured = Виміряно { $ago }
operate-debug-process = Процес { $role } ({ $pid }): працює { $up }
operate-debug-outbox = Вихідні: чекають { $waiting }, у дорозі { $sending }, невідомо { $unknown }, мертвих { $dead }, відкинуто { $dropped }
operate-debug-oldest = Найстаріше з готових чекає { $span }
operate-debug-rate = Надіслано за хвилину: { $count }
operate-debug-sources = Пошуки: { $all }, йдуть { $running }, час { $due }, запізнюються { $late }, з помилкою { $failing }; сайтів у карантині: { $quarantined }
operate-debug-errors = Останні помилки цього процесу:
operate-debug-no-errors = У цьому процесі помилок не було.
