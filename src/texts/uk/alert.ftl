### Що кажуть кнопки під повідомленням.

alert-saved-now = Збережено. /saved покаже збережене
alert-saved-already = Уже збережено. /saved покаже
alert-saved-none = Ви ще нічого не зберегли. Кнопка ⭐ під повідомленням збереже пропозицію тут.
alert-saved-list =
    { $count ->
        [one] Збережено { $count } пропозицію. Натисніть, щоб прибрати:
        [few] Збережено { $count } пропозиції. Натисніть, щоб прибрати:
       *[other] Збережено { $count } пропозицій. Натисніть, щоб прибрати:
    }
alert-saved-gone = знято
alert-saved-let-go = Прибрано
alert-saved-not-there = Цього немає серед збереженого
alert-saved-in-private = Збережене — лише ваше: запитайте мене в особистому чаті.
alert-muted = Більше не сповіщатиму тут про «{ $name }».
alert-muted-already = Про «{ $name }» я вже не сповіщаю
alert-unmuted = Знову сповіщаю про «{ $name }».
alert-hidden = Більше не сповіщатиму тут про пропозиції «{ $name }».
alert-hidden-already = Про «{ $name }» я вже не сповіщаю
alert-unhidden = Знову сповіщаю про пропозиції «{ $name }».
alert-hushed-now = Гаразд
alert-seller-unknown = На сторінці немає імені продавця
alert-button-undo = Скасувати
alert-history-now = Ціни зараз надійдуть
alert-press-unknown = Пропозиція надто стара: я її вже не пам’ятаю.
alert-press-not-here = Це можуть лише ті, хто має тут підписку.
alert-press-in-private = Це працює в особистому чаті зі мною та в групах.
