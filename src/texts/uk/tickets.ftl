### Support: what people and staff read. Keys with `word` and `header` go to staff.

ticket-ask =
    Це підтримка. Можливо, відповідь на ваше запитання вже є тут; якщо ні — напишіть нам, повідомлення прочитає людина.
ticket-ask-open =
    Ваше звернення #{ $number } відкрите. Усе, що ви напишете тут, потрапить до нього.
ticket-faq-search = Як створити пошук?
ticket-faq-search-answer =
    Надішліть адресу сторінки пошуку на сайті або натисніть /new і дайте відповіді на запитання: сайт, розділ, місце, ціна, слова. Я покажу, що підходить, а далі повідомлятиму про нове, подешевшале та зняте. Список пошуків — /watches.
ticket-faq-silence = Чому мені не прийшло повідомлення?
ticket-faq-silence-answer =
    Зазвичай причина одна з цих: пошук або всі повідомлення заглушено, зараз тихі години чи повідомлення збираються в добірку (дивіться /settings), оголошення не проходить за ціною або словами вашого фільтра, або пошук призупинено через тариф. Кнопка «Чому» під повідомленням пояснює, чому воно прийшло; у /watches видно, що на паузі.
ticket-faq-pay = Як оплатити?
ticket-faq-pay-answer =
    Тарифи та способи оплати — у /subscribe. Тариф починає діяти, щойно надійде платіж, зазвичай протягом хвилини. Що у вас є, покаже /balance; якщо з платежем щось не так — /paysupport.
ticket-faq-stop = Як усе зупинити?
ticket-faq-stop-answer =
    /watches: натисніть на пошук, щоб призупинити, заглушити чи видалити його. У /settings можна на певний час заглушити все. Якщо ви мене заблокуєте, я перестану писати; /start усе поверне.
ticket-button-write = ✍️ Написати нам
ticket-button-back = ‹ Запитання
ticket-button-close = Закрити
ticket-button-reopen = Відкрити знову
ticket-button-helped = 👍 Допомогло
ticket-button-cancel = Скасувати

ticket-write = Напишіть, у чому річ: текст, фото, голосові чи файли — у скількох завгодно повідомленнях.
ticket-kept = Дякуємо, ваше повідомлення збережено під номером #{ $number }. Його прочитає людина й відповість тут.
ticket-added = Додано до #{ $number }.

ticket-closed = Ваше звернення #{ $number } закрито. Пишіть, якщо ми знову знадобимося.
ticket-closed-by-staff = Підтримка закрила ваше звернення #{ $number }. Чи допомогли ми вам?
ticket-closed-already = Звернення #{ $number } уже закрито
ticket-reopened = Звернення #{ $number } знову відкрите. Напишіть, чого ще бракує.
ticket-open-already = Звернення #{ $number } уже відкрите
ticket-open-other = У вас відкрите звернення #{ $number }: пишіть туди
ticket-helped = Дякуємо! Звернення #{ $number } закрито.
ticket-helped-now = Раді, що допомогли
ticket-gone = Цього звернення більше немає
ticket-staff-only = Це може лише підтримка

ticket-staff-close = Закрити
ticket-staff-canned = Готові відповіді
ticket-staff-who = Хто це?
ticket-staff-reply = Відповісти
ticket-staff-send = Надіслати
ticket-staff-closed = Закрито
ticket-staff-noted = Нотатка для підтримки: { $text }
ticket-staff-note-empty = Напишіть нотатку після команди: /note платить карткою.
ticket-staff-canned-none = Готових відповідей немає. Оператор створює їх командою «magpie ticket canned set».
ticket-staff-canned-unknown = Готової відповіді «{ $name }» немає.
ticket-staff-canned-choose = Яка відповідь для { $name }?
ticket-staff-canned-preview =
    «{ $name }» для #{ $number } ({ $language }):

    { $text }
ticket-staff-sent = Надіслано до #{ $number }.
ticket-staff-sent-now = Надіслано
ticket-staff-write = Напишіть відповідь для { $name } (#{ $number }). Наступне повідомлення піде туди.

ticket-header-id = id { $id }
ticket-header-since = тут з { $day }
ticket-header-plans = Тариф: { $list }
ticket-header-plan = { $plan } до { $day }
ticket-header-orders = Замовлення: { $list }
ticket-header-watches = Пошуки ({ $count }): { $list }
ticket-header-paused = { $name } (на паузі)
ticket-header-failures = Не доставлено: { $list }
ticket-header-earlier = Попередніх звернень: { $count }

ticket-word-edited = ✏️ змінено: { $text }
ticket-word-closed = Звернення { $number } закрито: { $by }.
ticket-word-closed-person = Звернення { $number } закрив його автор.
ticket-word-reopened = Звернення { $number } знову відкрито: { $by }.
ticket-word-reopened-person = Звернення { $number } знову відкрив його автор.
ticket-word-helped = 👍 { $number }: автор пише, що йому допомогли.
ticket-word-late =
    { $hours ->
        [one] ⏰ { $number } чекає на відповідь { $hours } годину.
        [few] ⏰ { $number } чекає на відповідь { $hours } години.
       *[many] ⏰ { $number } чекає на відповідь { $hours } годин.
    }
ticket-word-unreachable = ⚠️ Людині не можна написати: бота заблоковано або обліковий запис видалено.
ticket-word-undelivered = ⚠️ Відповідь не дійшла: { $reason }
ticket-word-answered =
    { $number }, відповідь від { $by }:
    { $text }
ticket-uncopied = (Це повідомлення не можна скопіювати; ось його слова:) { $text }
