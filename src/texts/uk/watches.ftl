### Один пошук і що з ним можна зробити.

watch-list-rests = призупинено
watch-list-muted = без звуку

watch-state-runs = За «{ $title }» я стежу.
watch-state-paused = «{ $title }» призупинено: так вирішили ви.
watch-state-plan = «{ $title }» призупинено: такий ліміт вашого тарифу.
watch-state-operator = «{ $title }» призупинено: так вирішили люди, які за мною стоять.
watch-state-muted = Про «{ $title }» я мовчу до { $until }.
watch-state-muted-ever = Про «{ $title }» я мовчу.

watch-button-show = Показати
watch-button-pause = Пауза
watch-button-resume = Продовжити
watch-button-mute = Не турбувати
watch-button-rename = Перейменувати
watch-button-copy = Копіювати
watch-button-delete = Видалити

watch-note-paused = «{ $title }» призупинено
watch-note-resumed = За «{ $title }» я знову стежу
watch-note-muted = Про «{ $title }» я мовчу
watch-note-unmuted = Про «{ $title }» я знову повідомляю
watch-note-copied = Це копія, «{ $title }»

watch-mute-ask = Як довго мені мовчати про «{ $title }»?
watch-mute-hour = 1 годину
watch-mute-day = 1 день
watch-mute-week = 1 тиждень
watch-mute-ever = Завжди
watch-mute-off = Не мовчати

watch-name-ask = Як назвати «{ $title }»? Напишіть нову назву.
watch-name-none = Таку назву не можна показати. Напишіть іншу, будь ласка.
watch-name-taken = Тепер це називається «{ $title }».

watch-delete-ask = Видалити «{ $title }»? Про те, що ще не сказано, я теж забуду.
watch-delete-yes = Так, видалити
