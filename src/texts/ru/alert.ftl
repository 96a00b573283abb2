### Что говорят кнопки под сообщением.

alert-saved-now = Сохранено. /saved покажет сохранённое
alert-saved-already = Уже сохранено. /saved покажет
alert-saved-none = Вы пока ничего не сохранили. Кнопка ⭐ под сообщением сохранит предложение здесь.
alert-saved-list =
    { $count ->
        [one] Сохранено { $count } предложение. Нажмите, чтобы убрать:
        [few] Сохранено { $count } предложения. Нажмите, чтобы убрать:
       *[other] Сохранено { $count } предложений. Нажмите, чтобы убрать:
    }
alert-saved-gone = снято
alert-saved-let-go = Убрано
alert-saved-not-there = Этого нет среди сохранённого
alert-saved-in-private = Сохранённое — только ваше: спросите меня в личном чате.
alert-muted = Больше не буду сообщать здесь о «{ $name }».
alert-muted-already = О «{ $name }» я уже не сообщаю
alert-unmuted = Снова сообщаю о «{ $name }».
alert-hidden = Больше не буду сообщать здесь о предложениях «{ $name }».
alert-hidden-already = О «{ $name }» я уже не сообщаю
alert-unhidden = Снова сообщаю о предложениях «{ $name }».
alert-hushed-now = Хорошо
alert-seller-unknown = На странице нет имени продавца
alert-button-undo = Отменить
alert-history-now = Цены сейчас придут
alert-press-unknown = Предложение слишком старое: я его уже не помню.
alert-press-not-here = Это могут только те, у кого здесь есть подписка.
alert-press-in-private = Это работает в личном чате со мной и в группах.
