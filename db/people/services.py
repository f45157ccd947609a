"""Services of a contract, their dated prices, and the intervals in which each was active or suspended."""

from datetime import date

from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from db.people.contracts import Contract
from rules.money import accrual


class Service(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("contract_id", "kind"),)

    id: int = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="contract.id", index=True)
    kind: str = Field(description="channel (канал связи) or sms (SMS-информирование)")
    tariff: str = Field(description="the tariff's name as the contract has it")
    mobile: str | None = Field(default=None, description="where the sms service sends, E.164")


class ServicePrice(SQLModel, table=True):
    """A monthly price in kopecks, in force from its day until the next one."""

    __tablename__ = "service_price"
    __table_args__ = (UniqueConstraint("service_id", "since"),)

    id: int = Field(default=None, primary_key=True)
    service_id: int = Field(foreign_key="service.id", index=True)
    since: date
    kopecks: int


class ServiceInterval(SQLModel, table=True):
    """Inclusive days in which a service was in one state; no interval means off; `last` None is
    open-ended.
    """

    __tablename__ = "service_interval"

    id: int = Field(default=None, primary_key=True)
    service_id: int = Field(foreign_key="service.id", index=True)
    state: str = Field(description="active or suspended")
    first: date
    last: date | None = None


def list_services(db: Session, contract_id: int) -> list[Service]:
    return list(
        db.exec(select(Service).where(Service.contract_id == contract_id).order_by(col(Service.kind)))
    )


def list_intervals(db: Session, service_id: int) -> list[accrual.Interval]:
    """Return the service's states as the rules read them, earliest first."""
    rows = db.exec(
        select(ServiceInterval)
        .where(ServiceInterval.service_id == service_id)
        .order_by(col(ServiceInterval.first))
    )
    return [accrual.Interval(row.state, row.first, row.last) for row in rows]  # type: ignore[arg-type]


def list_prices(db: Session, service_id: int) -> list[accrual.Price]:
    rows = db.exec(
        select(ServicePrice).where(ServicePrice.service_id == service_id).order_by(col(ServicePrice.since))
    )
    return [accrual.Price(row.since, row.kopecks) for row in rows]


def state_on(db: Session, service_id: int, day: date) -> ServiceInterval | None:
    """Return the interval that contains this day; None when the service is off."""
    inside = (col(ServiceInterval.last).is_(None)) | (col(ServiceInterval.last) >= day)
    return db.exec(
        select(ServiceInterval)
        .where(ServiceInterval.service_id == service_id, ServiceInterval.first <= day, inside)
        .order_by(col(ServiceInterval.first).desc())
    ).first()


def price_on(db: Session, service_id: int, day: date) -> int | None:
    """Return kopecks a month in force on this day."""
    return db.exec(
        select(ServicePrice.kopecks)
        .where(ServicePrice.service_id == service_id, ServicePrice.since <= day)
        .order_by(col(ServicePrice.since).desc())
    ).first()


def has_active_service(db: Session, subscriber_id: int, kind: str, day: date) -> bool:
    """Return whether any contract of this subscriber has a service of this kind active on this day."""
    inside = (col(ServiceInterval.last).is_(None)) | (col(ServiceInterval.last) >= day)
    found = (
        select(ServiceInterval.id)
        .join(Service, col(Service.id) == ServiceInterval.service_id)
        .join(Contract, col(Contract.id) == Service.contract_id)
        .where(
            Contract.subscriber_id == subscriber_id, Service.kind == kind, ServiceInterval.state == "active"
        )
        .where(ServiceInterval.first <= day, inside)
    )
    return db.exec(found.limit(1)).first() is not None
