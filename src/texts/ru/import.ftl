### Файлы с поисками и то, что разрешает тариф.

import-row-added = Строка { $line }: слежу за «{ $name }».
import-row-there = Строка { $line }: за «{ $name }» я уже слежу.
import-row-repeats = Строка { $line }: то же, что строка { $name }.
import-row-beyond = Строка { $line }: пропущена. { $name }
import-row-wrong = Строка { $line }{ $place }: { $what }

import-unreadable = это не читается: { $why }.
import-no-address = нет адреса; впишите адрес страницы поиска в «urls».
import-bad-address = это не полный адрес; скопируйте его из браузера, вместе с https://.
import-unknown-site = сайт { $why } мне незнаком.
import-not-a-search = я не знаю такой страницы поиска на сайте { $why }; откройте там поиск и скопируйте его адрес.
import-bad-amount = это не сумма; пишите 900 или 900.50.
import-bad-currency = это не валюта; пишите три буквы, например EUR.
import-bad-filter = такой фильтр не годится: { $why }.
import-bad-telling = такой способ оповещения не годится: { $why }.
import-bad-flag = пишите yes или no (в JSON: true или false).
import-unknown-key = такой ключ неизвестен; уберите его.

import-file-too-large = Файл больше 1 МБ. Разделите его, пожалуйста.
import-file-too-many = В файле строк: { $why }; я читаю не больше { $most }. Разделите его, пожалуйста.
import-file-not-text = Это не текст в UTF-8. Сохраните файл как «CSV UTF-8» или как JSON.
import-file-empty = В файле нет строк.
import-file-no-urls = Нет столбца «urls». Первая строка называет столбцы; /export пришлёт пример.
import-file-unknown-column = Столбец «{ $why }» неизвестен. /export пришлёт пример.
import-file-repeated-column = Столбец «{ $why }» назван дважды.
import-file-not-json = Файл похож на JSON, но повреждён: { $why }.
import-file-not-fetched = Не удалось получить файл от Telegram. Пришлите его ещё раз, пожалуйста.
import-file-other = Поиски я читаю из файлов .csv и .json. Пришлите такой файл; /export пришлёт пример.

import-summary = Добавлено: { $added }, уже было: { $there }, дважды в файле: { $repeats }, сверх тарифа: { $beyond }, с ошибками: { $wrong }.
import-report-attached = Отчёт обо всех строках — в файле.
export-caption =
    { $count ->
        [one] { $count } ваш поиск в файле. Пришлите его обратно, чтобы создать поиск снова.
        [few] { $count } ваших поиска в файле. Пришлите его обратно, с изменениями или без, чтобы создать новые.
       *[other] { $count } ваших поисков в файле. Пришлите его обратно, с изменениями или без, чтобы создать новые.
    }
export-none = Здесь у вас нет поисков. Пришлите файл .csv или .json, чтобы создать их.

plan-too-many-watches = Поисков у вас: { $has }, а тариф разрешает { $limit }. Удалите один или выберите тариф больше.
plan-too-many-searches = Страниц поиска было бы { $has }, а тариф разрешает { $limit }. Удалите один поиск или выберите тариф больше.
plan-paused-by-plan = Поиск приостановлен лимитом тарифа. Он продолжится, когда освободится место: удалите или приостановите другой, или выберите тариф больше.
plan-paused-by-operator = Поиск приостановили люди, которые за мной стоят. Напишите им сюда, если хотите узнать почему.
