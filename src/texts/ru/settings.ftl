### How a chat wants to be told.

settings-head = ⚙️ Настройки
settings-language = 🌐 Язык
settings-quiet = 🌙 Тихие часы
settings-zone = 🕐 Часовой пояс
settings-digest = 🗞 Подборка
settings-cap = 🚦 Не больше в час
settings-pictures = 🖼 Фотографии
settings-replies = 💬 Ответ при смене цены
settings-back = ‹ Настройки
settings-saved = Сохранено
settings-yes = да
settings-no = нет
settings-none = нет

settings-quiet-ask = В тихие часы я молчу; всё придёт, когда они закончатся. В какие часы?
settings-zone-ask = По каким часам вы живёте?
settings-zone-type = Напишите свой город, часовой пояс, например Europe/Kyiv, или UTC+2.
settings-zone-unknown = Такого города или часового пояса я не знаю. Напишите другой, например Берлин или UTC+2, или выберите из списка.
settings-zone-now = Теперь время считается по часам { $zone }. Сейчас там { $time }.
settings-zone-write = ✏️ Написать
settings-zone-list = Выбрать из списка
settings-europe = Европа
settings-asia = Азия
settings-america = Америка
settings-elsewhere = Другое

settings-digest-ask = Я могу собирать новости и присылать одним сообщением. Когда?
settings-digest-off = сразу, по одному
settings-digest-hourly = каждый час
settings-digest-daily = ежедневно в { $time }
settings-digest-weekly = { $day } в { $time }
settings-monday = по понедельникам
settings-tuesday = по вторникам
settings-wednesday = по средам
settings-thursday = по четвергам
settings-friday = по пятницам
settings-saturday = по субботам
settings-sunday = по воскресеньям

settings-cap-ask = Сколько сообщений в час, не больше? Остальное придёт одним сообщением в конце часа.
settings-pictures-ask = Какие фотографии показывать?
settings-pictures-one = первую
settings-pictures-album = альбом
settings-pictures-none = без фотографий

settings-mute = 🔇 Молчать
settings-mute-ask = На сколько мне замолчать? О том, что случится за это время, я потом не расскажу.
settings-mute-hour = на час
settings-mute-day = на день
settings-mute-week = на неделю
settings-mute-off = не молчать
settings-mute-until = до { $time }
settings-mute-ever = всегда

