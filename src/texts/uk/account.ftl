### Тарифи, баланс, пробний період, промокоди, запрошення.

account-free = Безкоштовний
account-have = Ваш тариф: { $plan }
account-have-until = Ваш тариф: { $plan } до { $date }
account-have-it = Він у вас до { $date }; нові дні додадуться до цього терміну.
account-balance = Баланс: { $money }
account-moves = Останні операції:
account-moves-none = Операцій поки не було.
account-in-private = Тарифи й баланс — лише між нами. Напишіть мені особисто.

account-offer = { $plan } — { $prices } за { $days }
account-nothing-sold = Зараз нічого не продається.
account-not-offered = Цей тариф більше не пропонується.
account-days =
    { $count ->
        [one] { $count } день
        [few] { $count } дні
       *[other] { $count } днів
    }

account-term = • { $what }
account-term-instead = • { $what } (у вас: { $has })
account-term-watches =
    { $count ->
        [one] { $count } пошук
        [few] { $count } пошуки
       *[other] { $count } пошуків
    }
account-term-watches-all = пошуки без обмежень
account-term-sources =
    { $count ->
        [one] { $count } сторінка пошуку
        [few] { $count } різні сторінки пошуку
       *[other] { $count } різних сторінок пошуку
    }
account-term-sources-all = сторінки пошуку без обмежень
account-term-seconds =
    { $count ->
        [one] перевірка кожну { $count } секунду
        [few] перевірка кожні { $count } секунди
       *[other] перевірка кожні { $count } секунд
    }
account-term-minutes =
    { $count ->
        [1] перевірка щохвилини
        [one] перевірка кожну { $count } хвилину
        [few] перевірка кожні { $count } хвилини
       *[other] перевірка кожні { $count } хвилин
    }
account-term-hours =
    { $count ->
        [1] перевірка щогодини
        [one] перевірка кожну { $count } годину
        [few] перевірка кожні { $count } години
       *[other] перевірка кожні { $count } годин
    }
account-term-alerts =
    { $count ->
        [one] { $count } повідомлення на день
        [few] { $count } повідомлення на день
       *[other] { $count } повідомлень на день
    }
account-term-alerts-all = повідомлення без обмежень
account-term-at-once = повідомляю одразу
account-term-delay =
    { $count ->
        [one] повідомляю на { $count } хвилину пізніше
        [few] повідомляю на { $count } хвилини пізніше
       *[other] повідомляю на { $count } хвилин пізніше
    }
account-term-history =
    { $count ->
        [one] ціни за { $count } день
        [few] ціни за { $count } дні
       *[other] ціни за { $count } днів
    }
account-term-history-all = ціни за весь час
account-term-map = радіус на карті
account-term-charts = графіки цін
account-term-export = файли з вашими пошуками й цінами

account-pay-none = Оплату карткою, зірками чи криптовалютою тут поки не підключено. Можна скористатися промокодом або балансом.
account-pay-balance-only = Ви можете оплатити з балансу. Інші способи оплати тут поки не підключено.
account-confirm = Оплатити з балансу { $price } — { $plan } на { $days }? Залишиться { $left }, тариф діятиме до { $date }.
account-paid = Дякую! Тариф «{ $plan }» діє до { $date }.
account-paid-now = Оплачено
account-paid-already = Це вже оплачено
account-short = На балансі недостатньо коштів
account-order-gone = Це замовлення вже закрито. Оберіть, будь ласка, ще раз.

account-trial-begun = Пробний період розпочався: «{ $plan }» до { $date }. Він нічого не коштує і закінчиться сам.
account-trial-now = Пробний період розпочався
account-trial-used = Пробний період надається один раз і тим, хто не має тарифу
account-trial-offer = У вашому тарифі більше немає місця. Ви можете спробувати «{ $plan }» безкоштовно: { $days }, і все закінчиться саме:
account-no-room = У вашому тарифі більше немає місця. Є більші тарифи, а хто ще не пробував, може почати з пробного періоду:
account-trial-ending = Ваш пробний період «{ $plan }» закінчується { $date }. Після цього знову діє безкоштовний тариф: зайве призупиниться, але нічого не зникне. Тарифи: /subscribe
account-trial-over = Ваш пробний період «{ $plan }» закінчився, знову діє безкоштовний тариф. Ваші пошуки нікуди не поділися. Тарифи: /subscribe
account-ending = Ваш тариф «{ $plan }» закінчується { $date }. Продовжити: /subscribe — нові дні додадуться до тих, що лишилися.
account-over = Ваш тариф «{ $plan }» закінчився, знову діє безкоштовний. Ваші пошуки нікуди не поділися: вони відновляться, щойно ви продовжите тариф — /subscribe

account-promo-how = Надішліть /promo і код, наприклад: /promo SPRING
account-promo-wrong = Цим кодом не можна скористатися: він невідомий, закінчився, уже використаний або призначений іншим. Перевірте, будь ласка, чи немає помилки.
account-promo-days = Код спрацював: «{ $plan }» на { $days }. Тариф діє до { $date }.
account-promo-credit = Код спрацював: на ваш баланс зараховано { $money }.

account-invite = Ваше посилання для друзів: { $link }
account-invite-watch =
    { $count ->
        [one] Коли нова людина, що прийшла за ним, збереже пошук хоча б на день, ви отримаєте на баланс { $you }, а вона — { $they }: не більше ніж за { $count } друга за 30 днів.
        [few] Коли нова людина, що прийшла за ним, збереже пошук хоча б на день, ви отримаєте на баланс { $you }, а вона — { $they }: не більше ніж за { $count } друзів за 30 днів.
       *[other] Коли нова людина, що прийшла за ним, збереже пошук хоча б на день, ви отримаєте на баланс { $you }, а вона — { $they }: не більше ніж за { $count } друзів за 30 днів.
    }
account-invite-payment =
    { $count ->
        [one] Коли нова людина, що прийшла за ним, уперше заплатить, ви отримаєте на баланс { $you }, а вона — { $they }: не більше ніж за { $count } друга за 30 днів.
        [few] Коли нова людина, що прийшла за ним, уперше заплатить, ви отримаєте на баланс { $you }, а вона — { $they }: не більше ніж за { $count } друзів за 30 днів.
       *[other] Коли нова людина, що прийшла за ним, уперше заплатить, ви отримаєте на баланс { $you }, а вона — { $they }: не більше ніж за { $count } друзів за 30 днів.
    }
account-invited = Прийшли: { $came }. Нараховано за { $rewarded } ({ $money }).
account-rewarded = Дякую за запрошення! Ваш друг освоївся, і на ваш баланс зараховано { $money }. Переглянути: /balance
account-welcomed = Ви прийшли на запрошення друга, тому на ваш баланс зараховано { $money }. Переглянути: /balance

account-kind-purchase = покупка
account-kind-refund = повернення
account-kind-bonus = бонус
account-kind-adjustment = виправлення
account-kind-recharge = поповнення
account-kind-trial = пробний період
account-kind-promo = промокод
account-kind-referral = запрошення

account-button-plans = Тарифи
account-button-balance = Баланс
account-button-promo = Промокод
account-button-invite = Запросити друзів
account-button-share = Поділитися
account-button-trial = Спробувати безкоштовно: { $days }
account-button-from-balance = Оплатити { $price } з балансу
account-button-yes = Так, оплатити { $price }
account-button-no = Ні
account-button-back = ‹ Тарифи
account-button-private = Відкрити чат

account-terms-of-use =
    Про що ми домовляємося:

    • Я переглядаю відкриті сторінки інших сайтів і повідомляю, що там знайшлося. Пропозиції належать їм: перш ніж вирішувати, відкрийте саму сторінку.
    • Я намагаюся бути швидким і нічого не пропускати, але сайти змінюються й ламаються, тож гарантій немає.
    • Тариф діє стільки днів, скільки ви купили, і закінчується сам. Куплене лишається таким, яким ви його купили, навіть якщо тариф зміниться.
    • Пробний період і бонуси надаються кожному один раз. Бонусами можна оплатити тарифи, але вивести їх не можна.
    • Я зберігаю ваші пошуки, налаштування, повідомлення в підтримку й платежі стільки, скільки це потрібно для роботи.

    Питання про оплату: /paysupport
account-paysupport =
    Щось не так з оплатою? Напишіть сюди, що сталося: коли, скільки і як ви платили. Повідомлення прочитає людина й відповість у цьому чаті.

    Усі операції показує /balance. Підтримка Telegram не допомагає з покупками в цьому боті.
