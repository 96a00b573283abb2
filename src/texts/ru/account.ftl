### Тарифы, баланс, пробный период, промокоды, приглашения.

account-free = Бесплатный
account-have = Ваш тариф: { $plan }
account-have-until = Ваш тариф: { $plan } до { $date }
account-have-it = Он у вас до { $date }; новые дни прибавятся к этому сроку.
account-balance = Баланс: { $money }
account-moves = Последние операции:
account-moves-none = Операций пока не было.
account-in-private = Тарифы и баланс — только между нами. Напишите мне лично.

account-offer = { $plan } — { $prices } за { $days }
account-nothing-sold = Сейчас ничего не продаётся.
account-not-offered = Этот тариф больше не предлагается.
account-days =
    { $count ->
        [one] { $count } день
        [few] { $count } дня
       *[other] { $count } дней
    }

account-term = • { $what }
account-term-instead = • { $what } (у вас: { $has })
account-term-watches =
    { $count ->
        [one] { $count } поиск
        [few] { $count } поиска
       *[other] { $count } поисков
    }
account-term-watches-all = поиски без ограничений
account-term-sources =
    { $count ->
        [one] { $count } страница поиска
        [few] { $count } разные страницы поиска
       *[other] { $count } разных страниц поиска
    }
account-term-sources-all = страницы поиска без ограничений
account-term-seconds =
    { $count ->
        [one] проверка каждую { $count } секунду
        [few] проверка каждые { $count } секунды
       *[other] проверка каждые { $count } секунд
    }
account-term-minutes =
    { $count ->
        [1] проверка каждую минуту
        [one] проверка каждую { $count } минуту
        [few] проверка каждые { $count } минуты
       *[other] проверка каждые { $count } минут
    }
account-term-hours =
    { $count ->
        [1] проверка каждый час
        [one] проверка каждый { $count } час
        [few] проверка каждые { $count } часа
       *[other] проверка каждые { $count } часов
    }
account-term-alerts =
    { $count ->
        [one] { $count } сообщение в день
        [few] { $count } сообщения в день
       *[other] { $count } сообщений в день
    }
account-term-alerts-all = сообщения без ограничений
account-term-at-once = сообщаю сразу
account-term-delay =
    { $count ->
        [one] сообщаю на { $count } минуту позже
        [few] сообщаю на { $count } минуты позже
       *[other] сообщаю на { $count } минут позже
    }
account-term-history =
    { $count ->
        [one] цены за { $count } день
        [few] цены за { $count } дня
       *[other] цены за { $count } дней
    }
account-term-history-all = цены за всё время
account-term-map = радиус на карте
account-term-charts = графики цен
account-term-export = файлы с вашими поисками и ценами

account-pay-none = Оплата картой, звёздами или криптовалютой здесь пока не подключена. Можно воспользоваться промокодом или балансом.
account-pay-balance-only = Вы можете оплатить с баланса. Другие способы оплаты здесь пока не подключены.
account-confirm = Оплатить с баланса { $price } — { $plan } на { $days }? Останется { $left }, тариф будет действовать до { $date }.
account-paid = Спасибо! Тариф «{ $plan }» действует до { $date }.
account-paid-now = Оплачено
account-paid-already = Это уже оплачено
account-short = На балансе недостаточно средств
account-order-gone = Этот заказ уже закрыт. Выберите, пожалуйста, ещё раз.

account-trial-begun = Пробный период начался: «{ $plan }» до { $date }. Он ничего не стоит и закончится сам.
account-trial-now = Пробный период начался
account-trial-used = Пробный период даётся один раз и тем, у кого нет тарифа
account-trial-offer = В вашем тарифе больше нет места. Вы можете попробовать «{ $plan }» бесплатно: { $days }, и всё закончится само:
account-no-room = В вашем тарифе больше нет места. Есть тарифы больше, а кто ещё не пробовал, может начать с пробного периода:
account-trial-ending = Ваш пробный период «{ $plan }» заканчивается { $date }. После этого снова действует бесплатный тариф: лишнее приостановится, но ничего не пропадёт. Тарифы: /subscribe
account-trial-over = Ваш пробный период «{ $plan }» закончился, снова действует бесплатный тариф. Ваши поиски никуда не делись. Тарифы: /subscribe
account-ending = Ваш тариф «{ $plan }» заканчивается { $date }. Продлить: /subscribe — новые дни прибавятся к оставшимся.
account-over = Ваш тариф «{ $plan }» закончился, снова действует бесплатный. Ваши поиски никуда не делись: они продолжатся, как только вы продлите тариф — /subscribe

account-promo-how = Отправьте /promo и код, например: /promo SPRING
account-promo-wrong = Этим кодом нельзя воспользоваться: он неизвестен, закончился, уже использован или предназначен другим. Проверьте, пожалуйста, нет ли опечатки.
account-promo-days = Код сработал: «{ $plan }» на { $days }. Тариф действует до { $date }.
account-promo-credit = Код сработал: на ваш баланс зачислено { $money }.

account-invite = Ваша ссылка для друзей: { $link }
account-invite-watch =
    { $count ->
        [one] Когда новый человек, пришедший по ней, сохранит поиск хотя бы на день, вы получите на баланс { $you }, а он — { $they }: не больше чем за { $count } друга за 30 дней.
        [few] Когда новый человек, пришедший по ней, сохранит поиск хотя бы на день, вы получите на баланс { $you }, а он — { $they }: не больше чем за { $count } друзей за 30 дней.
       *[other] Когда новый человек, пришедший по ней, сохранит поиск хотя бы на день, вы получите на баланс { $you }, а он — { $they }: не больше чем за { $count } друзей за 30 дней.
    }
account-invite-payment =
    { $count ->
        [one] Когда новый человек, пришедший по ней, впервые заплатит, вы получите на баланс { $you }, а он — { $they }: не больше чем за { $count } друга за 30 дней.
        [few] Когда новый человек, пришедший по ней, впервые заплатит, вы получите на баланс { $you }, а он — { $they }: не больше чем за { $count } друзей за 30 дней.
       *[other] Когда новый человек, пришедший по ней, впервые заплатит, вы получите на баланс { $you }, а он — { $they }: не больше чем за { $count } друзей за 30 дней.
    }
account-invited = Пришли: { $came }. Начислено за { $rewarded } ({ $money }).
account-rewarded = Спасибо за приглашение! Ваш друг освоился, и на ваш баланс зачислено { $money }. Посмотреть: /balance
account-welcomed = Вы пришли по приглашению друга, поэтому на ваш баланс зачислено { $money }. Посмотреть: /balance

account-kind-purchase = покупка
account-kind-refund = возврат
account-kind-bonus = бонус
account-kind-adjustment = исправление
account-kind-recharge = пополнение
account-kind-trial = пробный период
account-kind-promo = промокод
account-kind-referral = приглашение

account-button-plans = Тарифы
account-button-balance = Баланс
account-button-promo = Промокод
account-button-invite = Пригласить друзей
account-button-share = Поделиться
account-button-trial = Попробовать бесплатно: { $days }
account-button-from-balance = Оплатить { $price } с баланса
account-button-yes = Да, оплатить { $price }
account-button-no = Нет
account-button-back = ‹ Тарифы
account-button-private = Открыть чат

account-terms-of-use =
    О чём мы договариваемся:

    • Я смотрю открытые страницы других сайтов и сообщаю, что там нашлось. Предложения принадлежат им: прежде чем решать, откройте саму страницу.
    • Я стараюсь быть быстрым и ничего не пропускать, но сайты меняются и ломаются, поэтому гарантий нет.
    • Тариф действует столько дней, сколько вы купили, и заканчивается сам. Купленное остаётся таким, каким вы его купили, даже если тариф изменится.
    • Пробный период и бонусы даются каждому один раз. Бонусами можно оплатить тарифы, но вывести их нельзя.
    • Я храню ваши поиски, настройки, сообщения в поддержку и платежи столько, сколько это нужно для работы.

    Вопросы об оплате: /paysupport
account-paysupport =
    Что-то не так с оплатой? Напишите сюда, что случилось: когда, сколько и как вы платили. Сообщение прочитает человек и ответит в этом чате.

    Все операции показывает /balance. Поддержка Telegram не помогает с покупками в этом боте.
