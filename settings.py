"""Everything an operator sets, read from the environment (`CABINET_*`) or a `.env` file; README's table is checked against it."""

from datetime import date
from functools import cached_property
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from rules import receipts

DEMO_SECRET = "demo-secret-that-production-refuses"  # noqa: S105 - refused outside the demo, on purpose


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="CABINET_", env_file=".env", extra="ignore")

    # The file and the secrets
    database: str = Field("var/cabinet.sqlite", description="The one SQLite file (a path), or the address of another engine")
    secrets: list[str] = Field([DEMO_SECRET], description="Signing secrets, newest last; older ones still verify")
    attachment_keys: list[str] = Field(
        ["ZGVtby1rZXktdGhhdC1pcy1yZWZ1c2VkLWluLXByb2Q="],
        description="Ключи AES-256 всего запечатанного: файлов, кодов в пути, карт (base64 32 байтов), новый последним",
    )

    # The address people see
    origin: str = Field("", description="Scheme, host and port of the cabinet as people type it; empty: here, at its port")
    host: str = Field("127.0.0.1", description="Address the server listens on")
    port: int = Field(8000, description="Port the server listens on")
    trusted_proxy: bool = Field(False, description="Believe the last X-Forwarded-For entry: set only behind a proxy")
    bank_origin: str = Field("", description="Origin of the bank's page, named in form-action; empty: own origin")

    # The bank and what is paid through it
    bank: Literal["sandbox", "yookassa"] = Field("sandbox", description="Which bank; the sandbox is for demonstrations only")
    bank_url: str = Field("https://api.yookassa.ru/v3", description="Address of the bank's API")
    bank_shop: str = Field("1001", description="Our shop at the bank")
    bank_secret: str = Field("sandbox-operator", description="The secret of our shop")
    bank_police_shop: str = Field("1002", description="The shop of the police guard (ОВО): its money is not ours")
    bank_police_secret: str = Field("sandbox-police", description="The secret of that shop")
    bank_networks: list[str] = Field([], description="Networks callbacks come from; empty: those the bank publishes")
    bank_sandbox_file: str = Field("", description="The sandbox bank's own file; empty: beside the cabinet's")
    payment_least: int = Field(100, description="The least payment, kopecks")
    payment_most: int = Field(10_000_000, description="The greatest payment, kopecks")
    requisites: dict[str, str] = Field(
        {
            "name": "ООО «Росохрана Телеком»", "account": "40702810600000000001", "bank": "Банк получателя",
            "bic": "044030001", "correspondent": "30101810000000000001", "inn": "7800000000", "kpp": "780001001",
        },
        description="Where money paid by QR code goes, as JSON: name, account, bank, bic, correspondent, inn, kpp",
    )  # fmt: skip
    police_requisites: dict[str, str] = Field(
        {
            "name": "УФК по г. Санкт-Петербургу (УВО по г. СПб и ЛО)", "account": "03100643000000017200",
            "bank": "Северо-Западное ГУ Банка России", "bic": "014030106", "correspondent": "40102810945370000005",
            "inn": "7800000001", "kpp": "780001002",
        },
        description="The same for the police guard (ОВО)",
    )  # fmt: skip

    # Demonstration
    demo: bool = Field(False, description="Fictional data, the phone page, the sandbox bank, a clock one may move")
    jobs_inside: bool = Field(False, description="Run the jobs in a thread of the web process; demo does")

    # Watching over it
    log: Literal["json", "human", ""] = Field("", description="json or human; empty: human in a demonstration, else json")
    metrics_port: int = Field(0, description="Prometheus figures: first port of the processes' own; 0: off")
    metrics_host: str = Field("127.0.0.1", description="Address the figures are served on; they name nobody")

    # Copies and how long things are kept (the job «retention»; 0 keeps for ever)
    backup_folder: str = Field("", description="Where `litestar backup` puts copies; empty: backups/ beside the file")
    backup_keep: int = Field(14, ge=1, description="So many copies are kept")
    backup_days: int = Field(60, ge=1, description="Copies older than so many days go, the newest stays")
    keep_journal_days: int = Field(1095, ge=0, description="Journal: who did and saw what; the file itself holds it 1095")
    keep_messages_days: int = Field(90, ge=0, description="Text and address of messages sent; the fact that one went stays")
    keep_callbacks_days: int = Field(365, ge=0, description="Raw callbacks of the bank")
    keep_raw_days: int = Field(180, ge=0, description="Events of unknown keys waiting for the desk")

    # Access
    contract_prefix: str = Field("78", description="First two digits of a contract number")
    session_idle_minutes: int = Field(30, description="A session ends after so long without a page being opened")
    session_hours: int = Field(12, description="A session ends after so long in any case")
    wrong_passwords: int = Field(
        10, ge=1, description="Неверных паролей к одному договору или логину с одного адреса (IPv6: /64) за 15 минут"
    )
    wrong_from_everywhere: int = Field(
        100, ge=1,
        description="Неверных паролей к одному договору или логину со всех адресов за час; дальше ждут лишь незнакомые браузеры",
    )  # fmt: skip
    wrong_from_address: int = Field(
        100, ge=1, description="Неверных паролей, кодов, ссылок и неподписанных вызовов с одного адреса за 15 минут"
    )
    sms_per_hour: int = Field(3, ge=1, description="SMS с паролями и кодами на один номер в час, каждого назначения отдельно")
    sms_per_day: int = Field(5, ge=1, description="То же в сутки")
    sms_caused_per_day: int = Field(20, ge=1, description="SMS, которые один абонент может вызвать за сутки, на любые номера")
    sms_total_per_day: int = Field(
        2000, ge=1,
        description="SMS по формам за сутки на весь кабинет, для вошедших и для остальных отдельно; тревоги сюда не входят",
    )  # fmt: skip
    registrations_from_address: int = Field(
        30, ge=1, description="Регистраций, восстановлений пароля и запросов кода с одного адреса в час"
    )
    device_days: int = Field(365, ge=1, le=400, description="Сколько дней браузер, из которого входили, остаётся знакомым")

    # Money
    vat: str = Field("2019-01-01=20 2026-01-01=22", description="VAT by the day it begins: percent, or none: «без НДС»")
    correction_limit: int = Field(500_000, description="Kopecks above which a correction needs a second accountant")
    receipts_api: str = Field("", description="Address of the bank's receipts API, e.g. …/v3; empty: the embedded register")
    receipts_shop: str = Field("", description="Shop id at the receipts API")
    receipts_secret: str = Field("", description="Secret key at the receipts API")

    # Messages
    sms_gateway: str = Field("phone", description="smpp, http, or phone: nothing leaves, the demonstration shows it")
    sms_sender: str = Field("Rosohrana", description="Name or number a message comes from")
    sms_server: str = Field("", description="host:port of the SMPP centre, or the address of the HTTP gateway")
    sms_login: str = Field("", description="System id at the SMPP centre")
    sms_secret: str = Field("", description="Password at the SMPP centre, or the bearer key of the HTTP gateway")
    sms_tls: bool = Field(False, description="SMPP over TLS")
    smtp_server: str = Field("", description="host:port of the mail server; empty: nothing leaves")
    smtp_login: str = Field("", description="Login at the mail server, if it wants one")
    smtp_secret: str = Field("", description="Password at the mail server")
    smtp_tls: str = Field("starttls", description="starttls, tls, or none: how the mail server is spoken to")
    mail_from: str = Field("lk@rosohrana.ru", description="Address letters come from")

    # The monitoring station
    station_secrets: dict[str, list[str]] = Field(
        {}, description='HMAC secrets of each HTTP source, e.g. {"main": ["new", "old"]}; any of them signs'
    )
    station_host: str = Field("127.0.0.1", description="Address the station's receiver listens on")
    station_port: int = Field(8141, description="Its DC-09 port, TCP and UDP; 0: shut")
    surgard_port: int = Field(8142, description="Its Sur-Gard MLR2 port, TCP; 0: shut")
    station_keys: dict[str, str] = Field(
        {}, description='AES keys of DC-09 accounts in hex, e.g. {"1234": "…"}; "*": every account not named'
    )
    station_silent_minutes: int = Field(10, description="No contact with the station for so long is worth telling")

    # Requests
    auto_kinds: list[str] = Field(
        ["sms_on", "sms_off", "suspend", "resume"], description="Kinds of request approved by rule, without a person"
    )
    office_days: str = Field("", description="Working days unlike the calendar: «2026-12-30 9-17, 2026-12-31 closed»")
    clamd: str = Field("", description="Socket of ClamAV (a path or host:port); empty: attached files are not scanned by it")

    # What the contacts page says
    company: str = Field("ООО «Росохрана Телеком»", description="Name of the operator on pages and papers")
    brand: str = Field("Росохрана Телеком", description="The same as people say it: in titles, on buttons, in SMS")
    office_address: str = Field("Санкт-Петербург, ул. Захарьевская, д. 6", description="Address of the office")
    map_link: str = Field("https://yandex.ru/maps/?text=", description="What the address's link opens; the address follows")
    service_phone: str = Field("+78123261720", description="Telephone of the service centre, E.164")
    service_mail: str = Field("help@rosohrana.ru", description="E-mail of the service centre")

    @cached_property
    def vat_rates(self) -> dict[date, int | None]:
        """{first day: percent, or None for «без НДС»}"""
        return receipts.rates(self.vat)

    @property
    def secure(self) -> bool:
        """Whether people reach us over TLS, so that cookies may be __Host- and Secure."""
        return self.origin.startswith("https://")

    @model_validator(mode="after")
    def _own_machine(self) -> Self:
        """The address of a cabinet tried at home follows the port it was given: links, the bank's way back, what is printed."""
        self.origin = self.origin or f"http://127.0.0.1:{self.port}"
        return self

    @model_validator(mode="after")
    def _production_is_strict(self) -> Self:
        """Refuse to start with what only a demonstration may have, naming the setting."""
        if 0 < self.keep_journal_days < 1095:
            raise ValueError("CABINET_KEEP_JOURNAL_DAYS: the journal is kept at least 1095 days, or 0: for ever")
        if self.demo:
            return self
        if not self.secrets or any(s == DEMO_SECRET or len(s) < 32 for s in self.secrets):
            raise ValueError('CABINET_SECRETS: set a list of secrets of at least 32 characters, e.g. ["…"]')
        if not self.attachment_keys or self.attachment_keys == type(self).model_fields["attachment_keys"].default:
            raise ValueError('CABINET_ATTACHMENT_KEYS: set a list of base64 AES-256 keys, e.g. ["…"]')
        if self.host == "0.0.0.0" and not self.trusted_proxy:  # noqa: S104 - this is the refusal
            raise ValueError("CABINET_HOST: 0.0.0.0 is allowed only behind a proxy (CABINET_TRUSTED_PROXY=true)")
        return self
