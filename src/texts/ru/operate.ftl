### Что операторы видят и делают: сайты, рассылки, заказы, служба.

operate-span-seconds = { $count } с
operate-span-minutes = { $count } мин
operate-span-hours = { $count } ч
operate-span-days = { $count } дн.
operate-refresh = 🔄 Обновить
operate-back = Назад
operate-cancel = Отмена
operate-run = ▶️ Запустить сейчас
operate-run-now = Запустится при первой возможности
operate-pause = ⏸ Приостановить
operate-resume = ▶️ Продолжить
operate-paused-now = Приостановлено
operate-resumed-now = Снова работает

operate-sites = Сайты: { $count }
operate-sites-none = Ни у одного сайта ещё нет поисков.
operate-all-sites = Все сайты
operate-site-searches =
    { $count ->
        [one] { $count } поиск
        [few] { $count } поиска
       *[many] { $count } поисков
    }
operate-site-failing = с ошибкой: { $count }
operate-site-paused-many = на паузе: { $count }
operate-site-quarantined = в карантине
operate-site-read = прочитан { $ago }
operate-site-proposed = 🔧 предложена починка
operate-site-gone = У этого сайта больше нет поисков.
operate-site-watching = Модуль дал сбой { $since } назад, за ним наблюдают.
operate-site-recovering = Модуль восстанавливается уже { $since }.
operate-site-in-quarantine = В карантине уже { $since }; следующая проба через { $next }.
operate-site-figures = Поиски: { $all }, на паузе { $paused }, с ошибкой { $failing }
operate-site-runs = Запуски за сутки: { $runs }, удачных { $rate } %
operate-site-no-runs = За сутки ни одного запуска
operate-site-last-good = Последний удачный запуск: { $ago }
operate-site-pace = { $host }: раз в { $gap }, отвечает за { $answer } мс
operate-site-held = ; не трогаем ещё { $left }: { $why }
operate-site-failures = Последние ошибки:
operate-site-sources = Поиски
operate-site-pause = ⏸ Приостановить все
operate-site-resume = ▶️ Продолжить все
operate-site-quarantine = 🚧 В карантин
operate-site-release = ✅ Снять с карантина
operate-site-ask-pause =
    { $count ->
        [one] Приостановить { $count } поиск сайта { $site }? Пока он не продолжится, подписчики ничего не узнают.
        [few] Приостановить все { $count } поиска сайта { $site }? Пока они не продолжатся, подписчики ничего не узнают.
       *[many] Приостановить все { $count } поисков сайта { $site }? Пока они не продолжатся, подписчики ничего не узнают.
    }
operate-site-yes-pause = Да, приостановить
operate-site-ask-quarantine =
    { $count ->
        [one] Отправить модуль { $site } в карантин? Его { $count } поиск отдохнёт, раз в шесть часов он пробуется снова.
        [few] Отправить модуль { $site } в карантин? Его { $count } поиска отдохнут, раз в шесть часов один пробуется снова.
       *[many] Отправить модуль { $site } в карантин? Его { $count } поисков отдохнут, раз в шесть часов один пробуется снова.
    }
operate-site-yes-quarantine = Да, в карантин
operate-site-quarantined-now = В карантине
operate-site-released-now = Снят с карантина

operate-sources = Поиски сайта { $site }:
operate-source-gone = Этого поиска больше нет.
operate-source-paused = На паузе; обычно раз в { $every }
operate-source-next = Раз в { $every }; следующий запуск через { $next }
operate-source-due = Раз в { $every }; запустится при первой возможности
operate-source-no-runs = Ещё не запускался
operate-source-runs = Последние запуски: { $runs }
operate-source-watchers =
    { $count ->
        [one] Следит { $count } человек
        [few] Следят { $count } человека
       *[many] Следят { $count } человек
    }
operate-source-items = Объявлений в последнем удачном запуске: { $count }
operate-source-error = Последняя ошибка: { $error }

operate-proposal = 🔧 Предложенная починка
operate-proposal-head = Предложенная починка { $site }, версия { $version }
operate-proposal-lost = Больше нет на странице: { $fields }
operate-proposal-replay = Прочитано заново с теми же значениями: { $found } из { $of } известных объявлений
operate-proposal-cases = Сохранённые примеры читаются как прежде: { $count }
operate-proposal-shadow = В тени: { $of } объявлений, из них известных { $found }
operate-proposal-approve = ✅ Принять
operate-proposal-reject = ❌ Отклонить
operate-proposal-ask-approve = Ввести версию { $version } модуля { $site }? Все поиски сайта сразу запустятся с ней.
operate-proposal-yes-approve = Да, принять
operate-proposal-ask-reject = Отклонить версию { $version } модуля { $site }? Такую же больше не предложат.
operate-proposal-yes-reject = Да, отклонить
operate-proposal-approved = Версия введена, поиски сайта запускаются.
operate-proposal-rejected = Версия отклонена.
operate-proposal-none = Для этого сайта ничего не предложено.
operate-proposal-none-now = Решение уже принято
operate-proposal-stale = С тех пор как появилась эта починка, модуль изменился, или её нельзя прочитать. Отклоните её: следующий неудачный запуск предложит новую.

operate-casts = Рассылки:
operate-casts-none = Рассылок ещё не было.
operate-casts-all = Все рассылки
operate-cast-new = ➕ Новая рассылка
operate-cast-gone = Этой рассылки больше нет.
operate-cast-begun = Рассылка уже началась
operate-cast-untitled = Сообщение без текста
operate-cast-head = 📣 «{ $title }»: { $state }
operate-cast-draft = черновик
operate-cast-waits = ждёт своего времени
operate-cast-freezing = составляется список получателей
operate-cast-running = отправляется
operate-cast-stopped = остановлена
operate-cast-done = завершена
operate-cast-sent = Отправлено: { $sent } из { $all }
operate-cast-refused = Отказано или бот заблокирован: { $count }
operate-cast-unknown = Неизвестно: { $count }
operate-cast-dead = Не удалось: { $count }
operate-cast-left = Осталось: { $count }
operate-cast-pace = { $rate }/с, ещё примерно { $span }
operate-cast-from = Не раньше { $at }
operate-cast-stop = ⏹ Остановить
operate-cast-go-on = ▶️ Продолжить
operate-cast-preview = 👁 Посмотреть
operate-cast-previewed = Вот так
operate-cast-messages = Сообщение: { $languages }
operate-cast-for-everybody = одно для всех
operate-cast-for-others = все остальные
operate-cast-album =
    { $count ->
        [one] альбом из { $count }
        [few] альбом из { $count }
       *[many] альбом из { $count }
    }
operate-cast-buttons = Кнопки: { $labels }
operate-cast-readers = Кому: { $whom }, { $count }
operate-cast-audience = 👥 Получатели
operate-cast-everybody = все
operate-cast-by-language = по языку
operate-cast-with-plan = с тарифом
operate-cast-without-plan = без тарифа
operate-cast-active = активные за 30 дней
operate-cast-some = как задано в командной строке
operate-cast-whom-language = читающие: { $languages }
operate-cast-ask-audience = Кому отправить?
operate-cast-change = ✏️ Изменить сообщение
operate-cast-add-ru = ➕ Русский
operate-cast-add-uk = ➕ Украинский
operate-cast-change-ru = ✏️ Русский
operate-cast-change-uk = ✏️ Украинский
operate-cast-add-buttons = ➕ Добавить кнопку
operate-cast-no-buttons = Без кнопок
operate-cast-send = 🚀 Отправить сейчас
operate-cast-later = 🕒 Отправить позже
operate-cast-forget = 🗑 Удалить
operate-cast-ask-forget = Удалить черновик «{ $title }»?
operate-cast-yes-forget = Да, удалить
operate-cast-forgotten = Черновик удалён.
operate-cast-ask-message = Пришлите сообщение: текст, картинку, видео, файл или альбом. Оно уйдёт точно так, как вы его пришлёте, без вашего имени.
operate-cast-ask-message-ru = Пришлите сообщение для читающих по-русски.
operate-cast-ask-message-uk = Пришлите сообщение для читающих по-украински.
operate-cast-ask-languages = Сообщение сохранено. Оно для всех языков?
operate-cast-only-this = Только это
operate-cast-ask-buttons = Пришлите кнопки, не больше четырёх, каждую с новой строки: слова, затем адрес. Например: Открыть сайт https://example.org
operate-cast-bad-buttons = Не получается прочитать кнопки. В каждой строке должны быть слова, а затем адрес, начинающийся с https://
operate-cast-ask-moment = Когда? Напишите время, например 18:30, 24.12 09:00 или 2026-12-24 09:00.
operate-cast-bad-moment = Это не время в будущем. Напишите, например, 18:30, 24.12 09:00 или 2026-12-24 09:00.
operate-cast-zone = Часовой пояс: { $zone } (см. /settings).
operate-cast-ask-now =
    { $people ->
        [one] «{ $title }» сразу уйдёт ровно { $count } получателю. Отменить отправленное нельзя.
        [few] «{ $title }» сразу уйдёт ровно { $count } получателям. Отменить отправленное нельзя.
       *[many] «{ $title }» сразу уйдёт ровно { $count } получателям. Отменить отправленное нельзя.
    }
operate-cast-ask-later =
    { $people ->
        [one] «{ $title }» уйдёт ровно { $count } получателю, не раньше { $at }.
        [few] «{ $title }» уйдёт ровно { $count } получателям, не раньше { $at }.
       *[many] «{ $title }» уйдёт ровно { $count } получателям, не раньше { $at }.
    }
operate-cast-yes = Да, отправить: { $count }
operate-cast-nobody = Некому отправлять: выберите других получателей.
operate-cast-other-count = Число получателей изменилось: проверьте ещё раз
operate-cast-started-now = Отправляется
operate-cast-stopped-now = Остановлено
operate-cast-stopped-already = Она и так не идёт

operate-orders = Заказы: { $count }
operate-orders-none = Заказов ещё не было.
operate-orders-all = Все заказы
operate-orders-tell = 🔔 Сообщать о каждом заказе
operate-orders-untell = 🔕 Не сообщать о заказах
operate-orders-told-now = Теперь вы узнаёте о каждом заказе
operate-orders-untold-now = О заказах больше не сообщаем
operate-order-pending = ждёт оплаты
operate-order-paid = оплачен
operate-order-expired = просрочен
operate-order-cancelled = отменён
operate-order-refunded = возвращён
operate-order-failed = не прошёл
operate-order-review = на проверке

operate-debug-head = Magpie { $version }, работает { $up }, { $mode }
operate-debug-pending = Обновлений ждёт в Telegram: { $count }
operate-debug-complaint = Telegram жалуется: { $error }
operate-debug-database = База данных: { $answer }
operate-debug-seen = Быстрый фильтр: { $answer }
operate-debug-telegram = Telegram: { $answer }
operate-debug-millis = { $count } мс
operate-debug-memory = Память: { $count } МБ
operate-debug-measured = Измерено { $ago }
operate-debug-process = Процесс { $role } ({ $pid }): работает { $up }
operate-debug-outbox = Исходящие: ждут { $waiting }, в пути { $sending }, неизвестно { $unknown }, мёртвых { $dead }, отброшено { $dropped }
operate-debug-oldest = Самое старое из готовых ждёт { $span }
operate-debug-rate = Отправлено за минуту: { $count }
operate-debug-sources = Поиски: { $all }, идут { $running }, пора { $due }, опаздывают { $late }, с ошибкой { $failing }; сайтов в карантине: { $quarantined }
operate-debug-errors = Последние ошибки этого процесса:
operate-debug-no-errors = В этом процессе ошибок не было.
