### Що чує людина, яка просить забагато одразу.

limits-messages = Ви пишете швидше, ніж я встигаю читати. Спробуйте ще раз через { $wait }.
limits-operations = Забагато дій поспіль. Спробуйте ще раз через { $wait }.
limits-payments = Ви щойно розпочали забагато платежів. Спробуйте ще раз через { $wait }.
limits-support = Повідомлень за короткий час забагато, і це не передано. Попередні збережено. Надішліть його ще раз через { $wait }.
limits-searches = Сьогодні ви створили дуже багато пошуків. Наступний можна створити через { $wait }.

limits-wait-seconds =
    { $count ->
        [one] { $count } секунду
        [few] { $count } секунди
       *[many] { $count } секунд
    }
limits-wait-minutes =
    { $count ->
        [one] { $count } хвилину
        [few] { $count } хвилини
       *[many] { $count } хвилин
    }
limits-wait-hours =
    { $count ->
        [one] { $count } годину
        [few] { $count } години
       *[many] { $count } годин
    }

limits-checkout-unknown = Цей рахунок більше не дійсний або виставлений іншій людині. Гроші не списано. Що можна придбати, покаже /subscribe.
