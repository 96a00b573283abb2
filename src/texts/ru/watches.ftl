### Один поиск и что с ним можно сделать.

watch-list-rests = приостановлен
watch-list-muted = без звука

watch-state-runs = За «{ $title }» я слежу.
watch-state-paused = «{ $title }» приостановлен: так решили вы.
watch-state-plan = «{ $title }» приостановлен: таков лимит вашего тарифа.
watch-state-operator = «{ $title }» приостановлен: так решили люди, которые за мной стоят.
watch-state-muted = О «{ $title }» я молчу до { $until }.
watch-state-muted-ever = О «{ $title }» я молчу.

watch-button-show = Показать
watch-button-pause = Пауза
watch-button-resume = Продолжить
watch-button-mute = Не беспокоить
watch-button-rename = Переименовать
watch-button-copy = Копировать
watch-button-delete = Удалить

watch-note-paused = «{ $title }» приостановлен
watch-note-resumed = За «{ $title }» я снова слежу
watch-note-muted = О «{ $title }» я молчу
watch-note-unmuted = О «{ $title }» я снова сообщаю
watch-note-copied = Это копия, «{ $title }»

watch-mute-ask = Как долго мне молчать о «{ $title }»?
watch-mute-hour = 1 час
watch-mute-day = 1 день
watch-mute-week = 1 неделю
watch-mute-ever = Всегда
watch-mute-off = Не молчать

watch-name-ask = Как назвать «{ $title }»? Напишите новое название.
watch-name-none = Такое название нельзя показать. Напишите другое, пожалуйста.
watch-name-taken = Теперь это называется «{ $title }».

watch-delete-ask = Удалить «{ $title }»? О том, что ещё не сказано, я тоже забуду.
watch-delete-yes = Да, удалить
