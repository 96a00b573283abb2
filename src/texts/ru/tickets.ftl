### Support: what people and staff read. Keys with `word` and `header` go to staff.

ticket-ask =
    Это поддержка. Возможно, ответ на ваш вопрос уже есть здесь; если нет — напишите нам, сообщение прочитает человек.
ticket-ask-open =
    Ваше обращение #{ $number } открыто. Всё, что вы напишете здесь, попадёт в него.
ticket-faq-search = Как создать поиск?
ticket-faq-search-answer =
    Пришлите адрес страницы поиска на сайте или нажмите /new и ответьте на вопросы: сайт, раздел, место, цена, слова. Я покажу, что подходит, а дальше буду сообщать о новом, подешевевшем и снятом. Список поисков — /watches.
ticket-faq-silence = Почему мне не пришло сообщение?
ticket-faq-silence-answer =
    Обычно причина одна из этих: поиск или все сообщения заглушены, сейчас тихие часы или сообщения собираются в подборку (смотрите /settings), объявление не проходит по цене или словам вашего фильтра, либо поиск приостановлен из-за тарифа. Кнопка «Почему» под сообщением объясняет, почему оно пришло; в /watches видно, что на паузе.
ticket-faq-pay = Как оплатить?
ticket-faq-pay-answer =
    Тарифы и способы оплаты — в /subscribe. Тариф начинает действовать, как только придёт платёж, обычно в течение минуты. Что у вас есть, покажет /balance; если с платежом что-то не так — /paysupport.
ticket-faq-stop = Как всё остановить?
ticket-faq-stop-answer =
    /watches: нажмите на поиск, чтобы приостановить, заглушить или удалить его. В /settings можно на время заглушить всё. Если вы меня заблокируете, я перестану писать; /start всё вернёт.
ticket-button-write = ✍️ Написать нам
ticket-button-back = ‹ Вопросы
ticket-button-close = Закрыть
ticket-button-reopen = Открыть снова
ticket-button-helped = 👍 Помогло
ticket-button-cancel = Отмена

ticket-write = Напишите, в чём дело: текст, фото, голосовые или файлы — в скольких угодно сообщениях.
ticket-kept = Спасибо, ваше сообщение сохранено под номером #{ $number }. Его прочитает человек и ответит здесь.
ticket-added = Добавлено в #{ $number }.

ticket-closed = Ваше обращение #{ $number } закрыто. Пишите, если мы снова понадобимся.
ticket-closed-by-staff = Поддержка закрыла ваше обращение #{ $number }. Помогли ли мы вам?
ticket-closed-already = Обращение #{ $number } уже закрыто
ticket-reopened = Обращение #{ $number } снова открыто. Напишите, чего ещё не хватает.
ticket-open-already = Обращение #{ $number } уже открыто
ticket-open-other = У вас открыто обращение #{ $number }: пишите туда
ticket-helped = Спасибо! Обращение #{ $number } закрыто.
ticket-helped-now = Рады, что помогли
ticket-gone = Этого обращения больше нет
ticket-staff-only = Это может только поддержка

ticket-staff-close = Закрыть
ticket-staff-canned = Готовые ответы
ticket-staff-who = Кто это?
ticket-staff-reply = Ответить
ticket-staff-send = Отправить
ticket-staff-closed = Закрыто
ticket-staff-noted = Заметка для поддержки: { $text }
ticket-staff-note-empty = Напишите заметку после команды: /note платит картой.
ticket-staff-canned-none = Готовых ответов нет. Оператор создаёт их командой «magpie ticket canned set».
ticket-staff-canned-unknown = Готового ответа «{ $name }» нет.
ticket-staff-canned-choose = Какой ответ для { $name }?
ticket-staff-canned-preview =
    «{ $name }» для #{ $number } ({ $language }):

    { $text }
ticket-staff-sent = Отправлено в #{ $number }.
ticket-staff-sent-now = Отправлено
ticket-staff-write = Напишите ответ для { $name } (#{ $number }). Следующее сообщение уйдёт туда.

ticket-header-id = id { $id }
ticket-header-since = здесь с { $day }
ticket-header-plans = Тариф: { $list }
ticket-header-plan = { $plan } до { $day }
ticket-header-orders = Заказы: { $list }
ticket-header-watches = Поиски ({ $count }): { $list }
ticket-header-paused = { $name } (на паузе)
ticket-header-failures = Не доставлено: { $list }
ticket-header-earlier = Прежних обращений: { $count }

ticket-word-edited = ✏️ изменено: { $text }
ticket-word-closed = Обращение { $number } закрыто: { $by }.
ticket-word-closed-person = Обращение { $number } закрыто его автором.
ticket-word-reopened = Обращение { $number } снова открыто: { $by }.
ticket-word-reopened-person = Обращение { $number } снова открыто его автором.
ticket-word-helped = 👍 { $number }: автор пишет, что ему помогли.
ticket-word-late =
    { $hours ->
        [one] ⏰ { $number } ждёт ответа { $hours } час.
        [few] ⏰ { $number } ждёт ответа { $hours } часа.
       *[many] ⏰ { $number } ждёт ответа { $hours } часов.
    }
ticket-word-unreachable = ⚠️ Человеку нельзя написать: бот заблокирован или аккаунт удалён.
ticket-word-undelivered = ⚠️ Ответ не дошёл: { $reason }
ticket-word-answered =
    { $number }, ответ от { $by }:
    { $text }
ticket-uncopied = (Это сообщение нельзя скопировать; вот его слова:) { $text }
