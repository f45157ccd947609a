"""Everything an operator sets, read from the environment (`CABINET_*`) or a `.env` file; README's table is
checked against it.
"""

import os
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, SettingsConfigDict

from rules import production_checks
from rules.money import fiscal_receipts

DEMO_SECRET = "demo-secret-that-production-refuses"  # noqa: S105 - refused outside the demo, on purpose
PREFIX = "CABINET_"
# What was a setting once and means nothing now, with what to do about one that is left.
REMOVED = {"bank_origin": "больше не нужна: на страницу банка переходят ссылкой, уберите её"}


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore")

    # The file and the secrets
    database: str = Field("var/cabinet.sqlite", description="Файл SQLite (путь) или адрес базы PostgreSQL")
    secrets: list[str] = Field(
        [DEMO_SECRET],
        description="Секреты подписи, не короче 32 знаков; последний подписывает, прежние ещё проверяют",
    )
    attachment_keys: list[str] = Field(
        ["ZGVtby1rZXktdGhhdC1pcy1yZWZ1c2VkLWluLXByb2Q="],
        description="Ключи AES-256 всего запечатанного: файлов, кодов в пути, карт; base64 от 32 байтов, "
        "новый последним",
    )

    # The address people see
    origin: str = Field(
        "", description="Адрес кабинета, как его набирают люди: https://имя; пусто — эта машина и её порт"
    )
    host: str = Field(
        "127.0.0.1", description="Адрес, на котором слушает `make run`; 0.0.0.0 и :: — только за прокси"
    )
    port: int = Field(8000, description="Порт, на котором слушает `make run`")
    trusted_proxy: bool = Field(
        False, description="Верить последнему X-Forwarded-For; включать, только если впереди свой прокси"
    )

    # The bank and what is paid through it
    bank: Literal["sandbox", "yookassa"] = Field(
        "sandbox", description="Банк: yookassa или sandbox — учебный, для демонстрации"
    )
    bank_url: str = Field("https://api.yookassa.ru/v3", description="Адрес API банка")
    bank_shop: str = Field("1001", description="Номер нашего магазина в банке")
    bank_secret: str = Field("sandbox-operator", description="Секретный ключ нашего магазина")
    bank_police_shop: str = Field(
        "1002", description="Номер магазина вневедомственной охраны: её деньги — не наши"
    )
    bank_police_secret: str = Field(
        "sandbox-police", description="Секретный ключ магазина вневедомственной охраны"
    )
    bank_networks: list[str] = Field(
        [], description="Сети, из которых банк присылает уведомления; пусто — объявленные банком"
    )
    bank_sandbox_file: str = Field("", description="Файл учебного банка; пусто — рядом с файлом кабинета")
    payment_least: int = Field(100, description="Наименьший платёж, копеек")
    payment_most: int = Field(10_000_000, description="Наибольший платёж, копеек")
    requisites: dict[str, str] = Field(
        {
            "name": "ООО «Росохрана Телеком»",
            "account": "40702810600000000001",
            "bank": "Банк получателя",
            "bic": "044030001",
            "correspondent": "30101810000000000001",
            "inn": "7800000000",
            "kpp": "780001001",
        },
        description="Куда идут деньги по QR-коду, JSON: name, account, bank, bic, correspondent, inn, kpp. "
        "ИНН — и в согласии",
    )
    police_requisites: dict[str, str] = Field(
        {
            "name": "УФК по г. Санкт-Петербургу (УВО по г. СПб и ЛО)",
            "account": "03100643000000017200",
            "bank": "Северо-Западное ГУ Банка России",
            "bic": "014030106",
            "correspondent": "40102810945370000005",
            "inn": "7800000001",
            "kpp": "780001002",
        },
        description="То же для вневедомственной охраны",
    )

    # Demonstration
    demo: bool = Field(
        False,
        description="Демонстрация: выдуманные данные, страница телефона, учебный банк, часы можно двигать",
    )
    jobs_inside: bool = Field(
        False, description="Выполнять работы внутри веб-процесса; в демонстрации — всегда"
    )

    # Watching over it
    log: Literal["json", "human", ""] = Field(
        "", description="Журнал процессов: json или human (для демонстрации); пусто — сам"
    )
    metrics_port: int = Field(
        0,
        description="Порт показателей для Prometheus, свой у каждой службы (стоит в deploy/*.service); 0 — "
        "не отдавать",
    )
    metrics_host: str = Field(
        "127.0.0.1", description="Адрес, на котором отдают показатели; личного в них нет"
    )

    # Copies and how long things are kept (the job «retention»; 0 keeps for ever)
    backup_folder: str = Field(
        "", description="Папка копий `litestar backup`; пусто — backups/ рядом с файлом"
    )
    backup_keep: int = Field(14, ge=1, description="Сколько копий хранить")
    backup_days: int = Field(60, ge=1, description="Копии старше стольких дней убирают; самая новая остаётся")
    keep_journal_days: int = Field(
        1095, ge=0, description="Журнал «кто что делал и видел», дней; не меньше 1095, 0 — всегда"
    )
    keep_messages_days: int = Field(
        90, ge=0, description="Текст и адрес отправленного, дней; сам факт остаётся"
    )
    keep_callbacks_days: int = Field(365, ge=0, description="Сырые уведомления банка, дней")
    keep_raw_days: int = Field(180, ge=0, description="События неизвестных ключей, дней")

    # Access
    contract_prefix: str = Field("78", description="Две первые цифры номера договора")
    session_idle_minutes: int = Field(
        30, description="Сессия кончается, если столько минут не открывать страниц"
    )
    session_hours: int = Field(12, description="Сессия кончается через столько часов в любом случае")
    wrong_passwords: int = Field(
        10,
        ge=1,
        description="Неверных паролей к одному договору или логину с одного адреса (IPv6: /64) за 15 минут",
    )
    wrong_from_everywhere: int = Field(
        100,
        ge=1,
        description="Неверных паролей к одному договору или логину со всех адресов за час; дальше ждут "
        "лишь незнакомые браузеры",
    )
    wrong_from_address: int = Field(
        100,
        ge=1,
        description="Неверных паролей, кодов, ссылок и неподписанных вызовов с одного адреса за 15 минут",
    )
    sms_per_hour: int = Field(
        3, ge=1, description="SMS с паролями и кодами на один номер в час, каждого назначения отдельно"
    )
    sms_per_day: int = Field(5, ge=1, description="То же в сутки")
    sms_caused_per_day: int = Field(
        20, ge=1, description="SMS, которые один абонент может вызвать за сутки, на любые номера"
    )
    sms_total_per_day: int = Field(
        2000,
        ge=1,
        description="SMS по формам за сутки на весь кабинет, для вошедших и для остальных отдельно; "
        "тревоги сюда не входят",
    )
    registrations_from_address: int = Field(
        30, ge=1, description="Регистраций, восстановлений пароля и запросов кода с одного адреса в час"
    )
    device_days: int = Field(
        365, ge=1, le=400, description="Сколько дней браузер, из которого входили, остаётся знакомым"
    )

    # Money
    vat: str = Field(
        "2019-01-01=20 2026-01-01=22",
        description="НДС по дню начала: день=процент через пробел; none — «без НДС»",
    )
    correction_limit: int = Field(
        500_000, description="Корректировку больше стольких копеек подтверждает второй бухгалтер"
    )
    receipts: Literal["", "api", "bank", "none"] = Field(
        "",
        description="Кто делает чеки (54-ФЗ): api — касса по API банка; bank — сам банк, кабинет ему "
        "ничего не передаёт; "
        "none — кабинет о чеках не говорит; пусто — api, если назван её адрес, в демонстрации — "
        "учебная касса",
    )
    receipts_api: str = Field("", description="Адрес API чеков у банка, например https://api.yookassa.ru/v3")
    receipts_shop: str = Field("", description="Номер магазина в API чеков")
    receipts_secret: str = Field("", description="Секретный ключ в API чеков")

    # Messages
    sms_gateway: str = Field(
        "phone", description="Шлюз SMS: smpp, http или phone — никуда не уходят, их видно в демонстрации"
    )
    sms_sender: str = Field("Rosohrana", description="Имя или номер отправителя SMS")
    sms_server: str = Field("", description="Центр SMPP, узел:порт, или адрес шлюза HTTP")
    sms_login: str = Field("", description="Имя (system_id) в центре SMPP")
    sms_secret: str = Field("", description="Пароль в центре SMPP или ключ шлюза HTTP")
    sms_tls: bool = Field(False, description="Говорить с центром SMPP по TLS")
    smtp_server: str = Field("", description="Почтовый сервер, узел:порт; пусто — письма не уходят")
    smtp_login: str = Field("", description="Имя на почтовом сервере, если он его спрашивает")
    smtp_secret: str = Field("", description="Пароль на почтовом сервере")
    smtp_tls: str = Field("starttls", description="Как говорят с почтовым сервером: starttls, tls или none")
    mail_from: str = Field("lk@rosohrana.ru", description="Адрес, от которого приходят письма")

    # The monitoring station
    station_secrets: dict[str, list[str]] = Field(
        {},
        description='Секреты HMAC каждого источника HTTP, например {"main": ["новый", "старый"]}; годится '
        "любой из них",
    )
    station_host: str = Field("127.0.0.1", description="Адрес приёмника событий пульта")
    station_port: int = Field(8141, description="Его порт DC-09, TCP и UDP; 0 — закрыт")
    surgard_port: int = Field(8142, description="Его порт Sur-Gard MLR2, TCP; 0 — закрыт")
    station_keys: dict[str, str] = Field(
        {}, description='Ключи AES приборов DC-09, hex, например {"1234": "…"}; "*" — для всех, кто не назван'
    )
    station_silent_minutes: int = Field(10, description="Сколько минут молчания пульта — уже повод сказать")

    # Requests
    auto_kinds: list[str] = Field(
        ["sms_on", "sms_off", "suspend", "resume"],
        description="Виды заявок, которые одобряет правило, без сотрудника",
    )
    office_days: str = Field("", description="Дни не по календарю: «2026-12-30 9-17, 2026-12-31 closed»")
    bic_file: str = Field(
        "", description="Справочник БИК Банка России (ED807, XML или ZIP): по нему показываем название банка"
    )
    clamd: str = Field("", description="Сокет ClamAV (путь или узел:порт); пусто — файлы им не проверяют")

    # What the contacts page says
    company: str = Field(
        "ООО «Росохрана Телеком»", description="Название оператора на страницах, в бумагах и согласии"
    )
    brand: str = Field("Росохрана Телеком", description="Как его зовут люди: в заголовках, на кнопках, в SMS")
    office_address: str = Field("Санкт-Петербург, ул. Захарьевская, д. 6", description="Адрес офиса")
    map_link: str = Field(
        "https://yandex.ru/maps/?text=", description="Что открывает ссылка с адреса; адрес идёт следом"
    )
    service_phone: str = Field("+78123261720", description="Телефон центра обслуживания, как +78120000000")
    service_mail: str = Field("help@rosohrana.ru", description="Почта центра обслуживания")
    security_mail: str = Field(
        "", description="Почта для сообщений об уязвимостях (security.txt); пусто — почта службы"
    )

    @cached_property
    def vat_rates(self) -> dict[date, int | None] | None:
        """{first day: percent, or None for «без НДС»} for receipts; None where receipts are not the cabinet's
        to make.
        """
        return fiscal_receipts.parse_rates(self.vat) if self.makes_receipts else None

    @property
    def receipts_by(self) -> Literal["", "api", "bank", "none", "embedded"]:
        """Who makes fiscal receipts; "": nobody was named. The embedded register is the demonstration's
        alone.
        """
        return self.receipts or ("api" if self.receipts_api else "embedded" if self.demo else "")

    @property
    def makes_receipts(self) -> bool:
        """Whether the cabinet hands receipts to a register itself, and so must ask where to send them."""
        return self.receipts_by in ("api", "embedded")

    @property
    def secure(self) -> bool:
        """Whether people reach us over TLS, so that cookies may be __Host- and Secure."""
        return self.origin.startswith("https://")

    @model_validator(mode="after")
    def _own_machine(self) -> Self:
        """The address of a cabinet tried at home follows the port it was given: links, the bank's way back,
        what is printed.
        """
        self.origin = self.origin or f"http://127.0.0.1:{self.port}"
        return self

    @model_validator(mode="after")
    def _production_is_strict(self) -> Self:
        """Refuse to start with what only a demonstration may have, naming every such setting at once."""
        wrong = []
        if 0 < self.keep_journal_days < 1095:
            wrong.append("CABINET_KEEP_JOURNAL_DAYS: журнал хранят не меньше 1095 дней, или 0 — всегда")
        if self.security_mail and not production_checks.MAILBOX.fullmatch(self.security_mail):
            wrong.append("CABINET_SECURITY_MAIL: это не адрес почты")
        if not self.demo:
            wrong += production_checks.find_errors(self, lambda name: type(self).model_fields[name].default)
        if wrong:
            raise ValueError("\n".join(wrong))
        return self


def unknown_names() -> dict[str, str]:
    """Names that look like settings, in the environment and in `.env`, and are none → what to do about
    each.
    """
    written = {name.upper() for name in os.environ} | {name.upper() for name in _file_names()}
    names = {PREFIX + name.upper() for name in Settings.model_fields}
    return {name: _advice(name, names) for name in sorted(written - names) if name.startswith(PREFIX)}


def _file_names() -> "Any":
    return DotEnvSettingsSource(Settings, env_file=Settings.model_config.get("env_file")).env_vars


def _advice(name: str, names: set[str]) -> str:
    if why := REMOVED.get(name.removeprefix(PREFIX).lower()):
        return why
    near = get_close_matches(name, names, 1)
    return "такой настройки нет" + (f"; может быть, {near[0]}?" if near else "")
