"""Saved payments to ОВО: filled in once, later only the amount is typed (manual §3.1)."""

from datetime import date, datetime

from sqlmodel import Field, Session, SQLModel, col, select

from db import Instant
from rules.payments.payment_templates import TemplateFields

MAX_TEMPLATES = 20


class PaymentTemplate(SQLModel, table=True):
    __tablename__ = "payment_template"
    __table_args__ = {"sqlite_autoincrement": True}

    id: int = Field(default=None, primary_key=True)
    contract_id: int = Field(foreign_key="contract.id", index=True)
    name: str
    payer: str
    branch: str = Field(description="code of the district branch, rules/police_branches.csv")
    account: str = Field(description="number of the contract with ОВО or the personal account")
    address: str
    first: date
    last: date
    purpose: str
    last_amount: int | None = Field(default=None, description="kopecks paid last time: offered again")
    changed_at: datetime = Field(sa_type=Instant)

    @property
    def as_fields(self) -> TemplateFields:
        return TemplateFields(
            self.payer, self.branch, self.account, self.address, self.first, self.last, self.purpose
        )


def contract_templates(db: Session, contract_id: int | None) -> list[PaymentTemplate]:
    found = select(PaymentTemplate).where(PaymentTemplate.contract_id == contract_id)
    return list(db.exec(found.order_by(col(PaymentTemplate.name), col(PaymentTemplate.id))))


def owned_template(db: Session, contract_id: int | None, template_id: int) -> PaymentTemplate | None:
    """Return the template if it belongs to this contract, else None."""
    found = select(PaymentTemplate).where(
        PaymentTemplate.id == template_id, PaymentTemplate.contract_id == contract_id
    )
    return db.exec(found).first()


def add(db: Session, contract_id: int, name: str, fields: TemplateFields, now: datetime) -> PaymentTemplate:
    """Save a template. Inside `writing`."""
    row = PaymentTemplate(contract_id=contract_id, name=name, changed_at=now, **vars(fields))
    db.add(row)
    db.flush()
    return row


def change(db: Session, row: PaymentTemplate, name: str, fields: TemplateFields, now: datetime) -> None:
    row.sqlmodel_update(vars(fields) | {"name": name, "changed_at": now})
    db.add(row)


def remove(db: Session, row: PaymentTemplate) -> None:
    db.delete(row)


def remember_amount(db: Session, row: PaymentTemplate, amount: int) -> None:
    """Store the amount, so that the form suggests it the next time."""
    row.last_amount = amount
    db.add(row)
