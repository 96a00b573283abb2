### Файли з пошуками та те, що дозволяє тариф.

import-row-added = Рядок { $line }: стежу за «{ $name }».
import-row-there = Рядок { $line }: за «{ $name }» я вже стежу.
import-row-repeats = Рядок { $line }: те саме, що рядок { $name }.
import-row-beyond = Рядок { $line }: пропущено. { $name }
import-row-wrong = Рядок { $line }{ $place }: { $what }

import-unreadable = це не читається: { $why }.
import-no-address = немає адреси; впишіть адресу сторінки пошуку в «urls».
import-bad-address = це не повна адреса; скопіюйте її з браузера, разом із https://.
import-unknown-site = сайт { $why } мені незнайомий.
import-not-a-search = я не знаю такої сторінки пошуку на сайті { $why }; відкрийте там пошук і скопіюйте його адресу.
import-bad-amount = це не сума; пишіть 900 або 900.50.
import-bad-currency = це не валюта; пишіть три літери, наприклад EUR.
import-bad-filter = такий фільтр не годиться: { $why }.
import-bad-telling = такий спосіб сповіщення не годиться: { $why }.
import-bad-flag = пишіть yes або no (у JSON: true або false).
import-unknown-key = такий ключ невідомий; приберіть його.

import-file-too-large = Файл більший за 1 МБ. Розділіть його, будь ласка.
import-file-too-many = У файлі рядків: { $why }; я читаю не більше { $most }. Розділіть його, будь ласка.
import-file-not-text = Це не текст у UTF-8. Збережіть файл як «CSV UTF-8» або як JSON.
import-file-empty = У файлі немає рядків.
import-file-no-urls = Немає стовпця «urls». Перший рядок називає стовпці; /export надішле приклад.
import-file-unknown-column = Стовпець «{ $why }» невідомий. /export надішле приклад.
import-file-repeated-column = Стовпець «{ $why }» названо двічі.
import-file-not-json = Файл схожий на JSON, але пошкоджений: { $why }.
import-file-not-fetched = Не вдалося отримати файл від Telegram. Надішліть його ще раз, будь ласка.
import-file-other = Пошуки я читаю з файлів .csv і .json. Надішліть такий файл; /export надішле приклад.

import-summary = Додано: { $added }, вже було: { $there }, двічі у файлі: { $repeats }, понад тариф: { $beyond }, з помилками: { $wrong }.
import-report-attached = Звіт про всі рядки — у файлі.
export-caption =
    { $count ->
        [one] { $count } ваш пошук у файлі. Надішліть його назад, щоб створити пошук знову.
        [few] { $count } ваші пошуки у файлі. Надішліть його назад, зі змінами чи без, щоб створити нові.
       *[other] { $count } ваших пошуків у файлі. Надішліть його назад, зі змінами чи без, щоб створити нові.
    }
export-none = Тут у вас немає пошуків. Надішліть файл .csv або .json, щоб створити їх.

plan-too-many-watches = Пошуків у вас: { $has }, а тариф дозволяє { $limit }. Видаліть один або оберіть більший тариф.
plan-too-many-searches = Сторінок пошуку було б { $has }, а тариф дозволяє { $limit }. Видаліть один пошук або оберіть більший тариф.
plan-paused-by-plan = Пошук призупинено лімітом тарифу. Він продовжиться, коли звільниться місце: видаліть або призупиніть інший, або оберіть більший тариф.
plan-paused-by-operator = Пошук призупинили люди, які за мною стоять. Напишіть їм сюди, якщо хочете дізнатися чому.
